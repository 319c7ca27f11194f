/**
 * Prints the Homebrew formula of a release, with the checksums of its executables.
 * usage: node scripts/formula.mjs VERSION SHA256SUMS ADDRESS >swarmroll.rb     ADDRESS: of the folder with the files
 */
import { readFileSync } from 'node:fs';

const [version, file, address] = process.argv.slice(2);
const sums = new Map(
  readFileSync(file, 'utf8')
    .trim()
    .split('\n')
    .map((line) => line.split(/ +/).reverse()),
);

/** The part of the formula for a system: `on_macos`, and the names of its executables for ARM and for Intel. */
function system(block, arm, intel) {
  const download = (cpu, name) => {
    const sum = sums.get(name);
    if (sum === undefined) throw new Error(`${file} has no checksum of ${name}`);
    return `    ${cpu} do
      url "${address}/${name}"
      sha256 "${sum}"
    end`;
  };
  return `  ${block} do
${download('on_arm', arm)}
${download('on_intel', intel)}
  end`;
}

console.log(`class Swarmroll < Formula
  desc "Roll out Docker Swarm services and report how each rollout ended"
  homepage "${address}"
  version "${version}"
  license "MIT"

  # The executables for macOS are built and not tested: nobody has run them.
${system('on_macos', 'swarmroll-macos-arm64', 'swarmroll-macos-x64')}
${system('on_linux', 'swarmroll-linux-arm64', 'swarmroll-linux-x64')}

  def install
    bin.install Dir["swarmroll-*"].first => "swarmroll"
    chmod 0755, bin/"swarmroll"
    generate_completions_from_executable(bin/"swarmroll", "completion", shells: [:bash, :zsh, :fish])
  end

  def caveats
    "swarmroll is built for macOS, and not tested on it." if OS.mac?
  end

  test do
    assert_match "swarmroll version #{version}", shell_output("#{bin}/swarmroll --version")
  end
end`);
