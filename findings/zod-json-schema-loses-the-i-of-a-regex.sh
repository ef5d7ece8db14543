#!/usr/bin/env bash
# Question: what does zod's toJSONSchema make of a regular expression with the flag i?
# Versions: zod 4.6.7, ajv 8.20.0 (npm), Node 20.
# Behaviour: the pattern is the source of the expression; the flag is dropped, without an error or a warning, though JSON Schema
# has no flags. The validator takes an upper-case id that its own JSON Schema refuses.
# Output seen:
#   pattern: ^[0-9a-f]{4}$
#   zod takes "ABCD": true
#   its JSON Schema takes "ABCD": false
# Why a guess is wrong: of what JSON Schema cannot say toJSONSchema throws ("cannot be represented") unless told otherwise, so one
# expects that, or [0-9A-Fa-f]. Clients that check by the document refuse valid input before it is sent.
# Date: 2026-11-28
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm init -y >/dev/null
npm install --silent --no-audit --no-fund zod@4.6.7 ajv@8.20.0

cat >look.mjs <<'JS'
import { Ajv2020 } from 'ajv/dist/2020.js';
import { z } from 'zod';
const id = z.string().regex(/^[0-9a-f]{4}$/i);
const schema = z.toJSONSchema(id);
console.log(`pattern: ${schema.pattern}`);
console.log(`zod takes "ABCD": ${id.safeParse('ABCD').success}`);
console.log(`its JSON Schema takes "ABCD": ${new Ajv2020().compile(schema)('ABCD')}`);
JS

node look.mjs | tee seen
cat >expected <<'TXT'
pattern: ^[0-9a-f]{4}$
zod takes "ABCD": true
its JSON Schema takes "ABCD": false
TXT
diff expected seen
