#!/usr/bin/env bash
# Question: does a frame that cannot be decompressed harm the frames after it in @foxglove/wasm-lz4?
# Versions: @foxglove/wasm-lz4 1.0.2, Node.js 20.20.2.
# Seen: yes. After one call that fails (here only because the room given is too small for a valid frame) every later call
#   fails with "Error during decompression", also for frames that it had decompressed before, until the process ends.
# Output: "before: 11 bytes", "too small: Error during decompression", "after: Error during decompression".
# Why a guess is wrong: it is stateless as it is used (bytes in, bytes out), and an exception looks like the end of the
#   matter; but it keeps one decompression context, which nothing resets after an error.
# Date: 2026-11-28.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
echo '{"private": true}' > package.json
npm install --silent --no-audit --no-fund --save-exact @foxglove/wasm-lz4@1.0.2
cat > try.cjs <<'JS'
const decompress = require('@foxglove/wasm-lz4');
// "hello hello" as one stored block of an LZ4 frame.
const frame = Buffer.from('04224d186040820b00008068656c6c6f2068656c6c6f00000000', 'hex');
const told = (name, room) => {
  try {
    return `${name}: ${decompress(frame, room).length} bytes`;
  } catch (error) {
    return `${name}: ${error.message}`;
  }
};
decompress.isLoaded.then(() => console.log([told('before', 100), told('too small', 5), told('after', 100)].join('\n')));
JS
node try.cjs > seen.txt
cat seen.txt
diff seen.txt - <<'TXT'
before: 11 bytes
too small: Error during decompression
after: Error during decompression
TXT
