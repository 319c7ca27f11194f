#!/usr/bin/env bash
# Version:   bun 1.4.5 (npm, Linux x64).
# Guess:     As for a bundle, `--sourcemap=external` of `bun build --compile` writes the map beside the executable and leaves it out of
#            the executable: a trace names lines of the source only where that file is, and a download is smaller than with `inline`.
# Behaviour: The executable contains the map with `external`, too. It is as large as with `inline`, and alone in a folder it still
#            names the lines of the source. Without the option it is smaller, and its trace names lines of the bundle.
# Output:
# | external, alone in a folder: at failing (main.ts:2:13)
# | as large as with inline: yes
# | without the option: the same line: no; smaller: yes
set -euo pipefail
self=$(realpath "$0")
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
npm install --silent --no-audit --no-fund --prefix . @oven/bun-linux-x64@1.4.5 >&2

{
  printf 'function failing(): never {\n  throw new Error("on purpose");\n}\n'
  # Enough code for the sizes to differ.
  for number in $(seq 3000); do printf 'export function part%s(value: number): number {\n  return value * %s;\n}\n' "$number" "$number"; done
  printf 'try {\n  failing();\n} catch (error) {\n  console.log((error as Error).stack);\n}\n'
  printf 'console.log(['; for number in $(seq 3000); do printf 'part%s,' "$number"; done; printf '].length);\n'
} >main.ts

made() {
  mkdir -p "$1"
  node_modules/@oven/bun-linux-x64/bin/bun build --compile --outfile="$1/program" "${@:2}" main.ts >&2
  stat --format %s "$1/program"
}
without=$(made without)
inline=$(made inline --sourcemap=inline)
external=$(made external --sourcemap=external)
trace() { cd "$1" && ./program | sed -n 's/^ *\(at failing.*\)$/\1/p'; }

rm -f external/*.map
{
  echo "external, alone in a folder: $(trace external)"
  echo "as large as with inline: $([ "$external" = "$inline" ] && echo yes || echo no)"
  same=$([ "$(trace without)" = "$(trace external)" ] && echo yes || echo no)
  echo "without the option: the same line: $same; smaller: $([ "$without" -lt "$inline" ] && echo yes || echo no)"
} >seen

cat seen
sed -n 's/^# | \{0,1\}//p' "$self" | diff - seen || { echo "This has changed (<: header, >: now)." >&2; exit 1; }
