import { Ajv2020 } from 'ajv/dist/2020.js';
import addFormats from 'ajv-formats';
import type { Answer, Running } from '../api/running.js';

interface Content {
  schema: object;
}

export interface Operation {
  operationId: string;
  tags: string[];
  summary: string;
  description: string;
  parameters?: {
    name: string;
    in: string;
    required: boolean;
    schema: { type?: string };
    style?: string;
    explode?: boolean;
  }[];
  security: Record<string, string[]>[];
  requestBody?: { content: Record<string, Content> };
  responses: Record<string, { description?: string; content?: Record<string, Content> }>;
}

export interface Document {
  paths: Record<string, Record<string, Operation>>;
  components: { schemas: Record<string, Record<string, unknown>>; securitySchemes: Record<string, unknown> };
}

export interface Request {
  path?: Record<string, string>;
  query?: Record<string, string | string[]>;
  body?: unknown;
  headers?: Record<string, string>;
}

/** The document with each object closed of which it does not say otherwise: so a field that it does not name is found. */
function closed(part: unknown): unknown {
  if (Array.isArray(part)) return part.map(closed);
  if (typeof part !== 'object' || part === null) return part;
  const inside = Object.fromEntries(Object.entries(part).map(([name, value]) => [name, closed(value)]));
  return inside.type === 'object' && 'properties' in inside
    ? { additionalProperties: false, ...inside }
    : inside;
}

/** A service that is asked for its operations by their names, and held to what its document says of them. */
export class Described {
  readonly document: Document;
  /** Which operations were answered how. */
  readonly answered = new Set<string>();
  private readonly ajv: Ajv2020;

  constructor(
    private readonly running: Running,
    text: string,
  ) {
    this.document = JSON.parse(text) as Document;
    this.ajv = new Ajv2020({ strict: false, allErrors: true });
    addFormats.default(this.ajv);
    this.ajv.addSchema(closed(this.document) as object, 'document');
  }

  operations(): [method: string, path: string, operation: Operation][] {
    return Object.entries(this.document.paths).flatMap(([path, methods]) =>
      Object.entries(methods).map(([method, operation]): [string, string, Operation] => [
        method,
        path,
        operation,
      ]),
    );
  }

  /** What is wrong with a value by a named schema of the document. */
  faultsOf(name: string, value: unknown): string[] {
    return this.faults({ $ref: `document#/components/schemas/${name}` }, value);
  }

  /** Makes a request that the document allows. @throws Error where the answer is not as it says */
  async ask(
    operationId: string,
    { path = {}, query = {}, body, headers = {} }: Request = {},
  ): Promise<Answer> {
    const [method, template, operation] = this.operations().find(
      ([, , one]) => one.operationId === operationId,
    )!;
    const type = headers['content-type'] ?? 'application/json';
    const wrong = (what: string, faults: unknown) =>
      new Error(`${operationId}: ${what}: ${JSON.stringify(faults)}`);
    const unnamed = Object.keys(query).filter(
      (name) => !operation.parameters?.some((one) => one.in === 'query' && one.name === name),
    );
    if (unnamed.length > 0) throw wrong('parameters that are not named', unnamed);

    const search = new URLSearchParams(
      Object.entries(query).flatMap(([name, given]) =>
        [given].flat().map((one): [string, string] => [name, one]),
      ),
    );
    const url = template.replaceAll(/\{(\w+)\}/g, (_, name: string) => encodeURIComponent(path[name]!));
    const answer = await this.running.send(
      method.toUpperCase(),
      search.size > 0 ? `${url}?${search.toString()}` : url,
      body,
      headers,
    );
    if (body !== undefined && answer.status < 300 && type === 'application/json') {
      const faults = this.faults(refTo(operation.requestBody!.content[type]!.schema), body);
      if (faults.length > 0) throw wrong('a body that was taken', faults);
    }

    const response = operation.responses[answer.status];
    if (!response) throw wrong('a status that is not named', [answer.status, answer.text]);
    this.answered.add(`${operationId} ${answer.status}`);
    if (!response.content) {
      if (answer.text !== '') throw wrong('a body where none is named', answer.text);
      return answer;
    }
    const given = answer.headers.get('content-type')!.split(';')[0]!;
    const content = response.content[given];
    if (!content) throw wrong('a media type that is not named', given);
    const isJson = /[/+]json$/.test(given);
    const faults = this.faults(refTo(content.schema), isJson ? answer.json : answer.text);
    if (faults.length > 0) throw wrong(`${answer.status} ${given}`, faults);
    return answer;
  }

  private faults(schema: object, value: unknown): string[] {
    const validate = this.ajv.compile(schema);
    void validate(value);
    return (validate.errors ?? []).map(
      ({ instancePath, message, params }) => `${instancePath} ${message} ${JSON.stringify(params)}`,
    );
  }
}

const refTo = (schema: object): object =>
  '$ref' in schema ? { $ref: `document${schema.$ref as string}` } : schema;
