#!/usr/bin/env bash
# Does it help DuckDB's read_json that every row has every key, with null where there is nothing?
# Versions: duckdb 2.0.1 and 1.5.6 (PyPI). Date: 2026-11-28.
# Seen: with 2.0.1 a field that is null in the first 20,480 rows (the default sample) is read as NULL in all rows: what comes
# later is dropped without an error, and an object of nulls (STRUCT of "NULL") loses its fields likewise. With 1.5.6 the same file
# gives JSON, and nothing is lost. `sample_size = -1` reads it rightly with both.
# Why a guess is wrong: rows with the same keys are what one gives to readers that guess, and 1.5.6 typed such a column JSON
# exactly so that late values survive.
# It costs: rare fields of an export vanish; a query that counts them answers 0.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"

cat >read.py <<'PYTHON'
import duckdb
with open('rows.ndjson', 'w') as rows:
    for at in range(30_000):
        rows.write('{"id": %d, "reason": null, "grading": {"reliability": null}}\n' % at)
    rows.write('{"id": 30000, "reason": "late", "grading": {"reliability": "C"}}\n')
for option in ('', ', sample_size = -1'):
    read = duckdb.sql("select reason::varchar, grading.reliability::varchar "
                      f"from read_json('rows.ndjson'{option}) where id = 30000")
    print(duckdb.__version__, option, read.fetchall())
PYTHON

for version in 2.0.1 1.5.6; do
  python3 -m venv "$version"
  "$version/bin/pip" install --quiet --disable-pip-version-check --only-binary=:all: "duckdb==$version"
  "$version/bin/python" read.py
done | tee seen

diff - seen <<'EXPECTED'
2.0.1  [(None, None)]
2.0.1 , sample_size = -1 [('late', 'C')]
1.5.6  [('"late"', '"C"')]
1.5.6 , sample_size = -1 [('late', 'C')]
EXPECTED
