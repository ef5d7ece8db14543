#!/usr/bin/env bash
# Question: an answer of an OpenAPI document is `oneOf` two objects that require different fields, and have no discriminator.
# Do the clients of openapi-generator for Java (library native) read it? And does its Go client compile where two enums share
# a value?
# Versions: openapi-generator-cli 7.25.0, jackson-databind 2.21.5 (Maven), Java 17, Go 1.26 (where there is none, that part is left out).
# Behaviour: Java throws at every answer; with `anyOf` it takes the first, always, and drops the fields of the other. Go writes
# each value of an enum as a constant of the package without the name of the enum, so that the second `day` does not compile.
# Output seen:
#   java oneOf {"status":422}: 2 classes match result, expected 1
#   java anyOf {"status":422}: One {"token":null}
#   go: DAY redeclared in this block
# Why a guess is wrong: of the two objects one alone is valid for the answer, as each requires a field that the other lacks;
# the document passes the generator's own validation and makes a client without a warning. Jackson looks at no `required`.
# In Go a type of its own for each enum looks like a name space; it is one only with enumClassPrefix=true.
# Date: 2026-11-28
set -euo pipefail
folder=$(mktemp -d)
trap 'chmod -R u+w "$folder"; rm -rf "$folder"' EXIT
cd "$folder"

cat >api.json <<'JSON'
{"openapi": "3.1.0", "info": {"title": "Choices", "version": "1"}, "servers": [{"url": "http://localhost"}],
 "paths": {
   "/a": {"get": {"operationId": "a", "responses": {"200": {"description": "a", "content": {
     "application/json": {"schema": {"$ref": "#/components/schemas/Either"}}}}}}},
   "/b": {"get": {"operationId": "b", "responses": {"200": {"description": "b", "content": {
     "application/json": {"schema": {"$ref": "#/components/schemas/Any"}}}}}}},
   "/c": {"get": {"operationId": "c", "responses": {"200": {"description": "c", "content": {
     "application/json": {"schema": {"$ref": "#/components/schemas/Span"}}}}}}}},
 "components": {"schemas": {
   "One": {"type": "object", "required": ["token"], "properties": {"token": {"type": "string"}}},
   "Two": {"type": "object", "required": ["status"], "properties": {"status": {"type": "integer"}}},
   "Either": {"oneOf": [{"$ref": "#/components/schemas/One"}, {"$ref": "#/components/schemas/Two"}]},
   "Any": {"anyOf": [{"$ref": "#/components/schemas/One"}, {"$ref": "#/components/schemas/Two"}]},
   "Unit": {"type": "string", "enum": ["day", "hour"]},
   "Precision": {"type": "string", "enum": ["year", "day"]},
   "Span": {"type": "object", "required": ["unit", "precision"], "properties": {
     "unit": {"$ref": "#/components/schemas/Unit"}, "precision": {"$ref": "#/components/schemas/Precision"}}}}}}
JSON

dependency() { echo "<dependency><groupId>$1</groupId><artifactId>$2</artifactId><version>$3</version>${4:-}</dependency>"; }
jars() {
  mkdir "$1"
  cat >"$1/pom.xml" <<XML
<project xmlns="http://maven.apache.org/POM/4.0.0"><modelVersion>4.0.0</modelVersion>
<groupId>g</groupId><artifactId>a</artifactId><version>1</version><packaging>pom</packaging>
<dependencies>$2</dependencies></project>
XML
  mvn -q -B -f "$1/pom.xml" org.apache.maven.plugins:maven-dependency-plugin:3.8.1:copy-dependencies \
    -DoutputDirectory="$folder/$1" >/dev/null
}
alone='<exclusions><exclusion><groupId>*</groupId><artifactId>*</artifactId></exclusion></exclusions>'
jars generator "$(dependency org.openapitools openapi-generator-cli 7.25.0 "$alone")"
jars needed "$(
  dependency com.fasterxml.jackson.core jackson-databind 2.21.5
  dependency com.fasterxml.jackson.datatype jackson-datatype-jsr310 2.21.5
  dependency org.openapitools jackson-databind-nullable 0.2.11
  dependency jakarta.annotation jakarta.annotation-api 1.3.5
  dependency com.google.code.findbugs jsr305 3.0.2
)"
generate() {
  java -cp 'generator/*' org.openapitools.codegen.OpenAPIGenerator generate -i api.json "$@" >generator.log 2>&1 ||
    { cat generator.log; exit 1; }
}

generate -g java --library native -o java --invoker-package client --model-package client --api-package client
cat >java/src/main/java/Look.java <<'JAVA'
import client.*;

public class Look {
  public static void main(String[] args) throws Exception {
    var mapper = ApiClient.createDefaultObjectMapper();
    String answer = "{\"status\":422}";
    try {
      var read = mapper.readValue(answer, Either.class).getActualInstance();
      System.out.println("java oneOf " + answer + ": " + read.getClass().getSimpleName());
    } catch (Exception error) {
      System.out.println("java oneOf " + answer + ": " + error.getMessage().replaceAll("(?s).*Either: | *\n.*| \\(.*", ""));
    }
    Object read = mapper.readValue(answer, Any.class).getActualInstance();
    System.out.println("java anyOf " + answer + ": " + read.getClass().getSimpleName() + " " + mapper.writeValueAsString(read));
  }
}
JAVA
find java/src/main -name '*.java' >sources
javac -nowarn -proc:none -cp 'needed/*' -d classes @sources 2>/dev/null
java -cp 'classes:needed/*' Look | tee said

expected='java oneOf {"status":422}: 2 classes match result, expected 1
java anyOf {"status":422}: One {"token":null}'
if command -v go >/dev/null; then
  generate -g go -o go --package-name choices
  # Its own constants alone are compiled: they need no other module.
  mkdir alone && cp go/model_unit.go go/model_precision.go alone/ && printf 'module choices\n\ngo 1.23\n' >alone/go.mod
  (cd alone && GOTOOLCHAIN=local go build ./... 2>&1 || true) | sed -n 's/.*: \(DAY redeclared in this block\)/go: \1/p' | tee -a said
  expected+=$'\ngo: DAY redeclared in this block'
fi
diff <(echo "$expected") said
echo 'as written above'
