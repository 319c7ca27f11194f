/** Loaded into a measured process: writes the most memory that it held, in MiB, to the file that PEAK_FILE names. */
const { writeFileSync } = require('node:fs');
process.on('exit', () => {
  writeFileSync(process.env.PEAK_FILE, `${process.resourceUsage().maxRSS / 1024}`);
});
