#!/usr/bin/env bash
# Question: may every cell of a CSV file stand in quotes, as RFC 4180 allows, without a change of what readers that guess types
# make of it?
# Versions: polars 2.1.0, duckdb 2.0.1 (PyPI), Python 3.11.
# Behaviour: DuckDB takes "80.5" in quotes for a number and "" for NULL. Polars takes the same column for text, and "" for an
# empty text, no null; without quotes it takes them for a number and a null. Truth values in quotes are truth values to both.
# Output seen:
#   duckdb: quoted: n DOUBLE, 1 null, b BOOLEAN; bare: n DOUBLE, 1 null, b BOOLEAN
#   polars: quoted: n String, 0 null, b Boolean; bare: n Float64, 1 null, b Boolean
# Why a guess is wrong: in RFC 4180 quotes carry no meaning, pandas and DuckDB ignore them, and Polars itself ignores them around
# true and false. A writer that puts all cells in quotes, against formulas, turns the numbers of its readers into text.
# Date: 2026-11-28
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"

cat >look.py <<'PYTHON'
import duckdb
import polars

FILES = {"quoted": '"n","b"\r\n"80.5","true"\r\n"","false"\r\n', "bare": '"n","b"\r\n80.5,true\r\n,false\r\n'}
seen = {"duckdb": [], "polars": []}
for name, text in FILES.items():
    with open(f"{name}.csv", "w", newline="") as file:
        file.write(text)
    (n, b) = duckdb.sql(f"select * from read_csv('{name}.csv')").types
    ((nulls,),) = duckdb.sql(f"select count(*) from read_csv('{name}.csv') where n is null").fetchall()
    seen["duckdb"].append(f"{name}: n {n}, {nulls} null, b {b}")
    frame = polars.read_csv(f"{name}.csv")
    seen["polars"].append(f"{name}: n {frame['n'].dtype}, {frame['n'].null_count()} null, b {frame['b'].dtype}")
for reader, lines in seen.items():
    print(f"{reader}: {'; '.join(lines)}")
PYTHON

cat >expected <<'TEXT'
duckdb: quoted: n DOUBLE, 1 null, b BOOLEAN; bare: n DOUBLE, 1 null, b BOOLEAN
polars: quoted: n String, 0 null, b Boolean; bare: n Float64, 1 null, b Boolean
TEXT

python3 -m venv env
env/bin/python -m pip install --quiet --disable-pip-version-check --only-binary=:all: polars==2.1.0 duckdb==2.0.1
env/bin/python look.py | tee seen
diff expected seen
