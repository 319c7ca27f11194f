/** Is loaded into a measured process. When it exits, this writes its peak memory, in MiB, to the file $PEAK_FILE. */
const { writeFileSync } = require('node:fs');
process.on('exit', () => {
  writeFileSync(process.env.PEAK_FILE, `${process.resourceUsage().maxRSS / 1024}`);
});
