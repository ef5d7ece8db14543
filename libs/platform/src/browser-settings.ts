import { isIP } from 'node:net';
import { z } from 'zod';

/** Settings for browsers: who may be asked for, from where, and how people sign in. */
export interface BrowserSettings {
  /** ALLOWED_HOSTS: names that the service is served under, besides addresses, localhost, HOST and that of PUBLIC_URL. */
  allowedHosts: string[];
  /** CORS_ORIGINS: other origins whose pages may read and, with a session, write. */
  corsOrigins: string[];
  /** PUBLIC_URL: where browsers find the service, behind a proxy too; without a slash at the end. */
  publicUrl?: string | undefined;
  /** OIDC_*: the provider that people sign in at; none: they sign in with keys. */
  oidc?: OidcSettings | undefined;
}

export interface OidcSettings {
  /** OIDC_ISSUER: https, or http on a loopback address. */
  issuer: string;
  /** OIDC_CLIENT_ID: this service, as the provider knows it. */
  clientId: string;
  /** OIDC_CLIENT_SECRET: none for a public client. */
  clientSecret?: string | undefined;
  /** OIDC_SCOPE: what the provider is asked for. */
  scope: string;
  /** OIDC_ROLES_CLAIM: the claim with the roles or groups of an account; dots lead into objects. */
  rolesClaim: string;
  /** OIDC_ROLES: values of that claim, each with the role that it stands for. */
  roles: [value: string, role: string][];
}

const LOOPBACK_NAME = /^(?:localhost|.+\.localhost)$/;

/** Whether a host name or address, without a port, can only mean this machine. */
export const isLoopbackName = (host: string): boolean => {
  const bare = host.replace(/^\[(.*)\]$/, '$1').toLowerCase();
  return LOOPBACK_NAME.test(bare) || bare === '::1' || (isIP(bare) === 4 && bare.startsWith('127.'));
};

const listOf = (item: z.ZodType<string, string>) =>
  z
    .string()
    .transform((text) => text.split(',').map((part) => part.trim()))
    .pipe(z.array(item));

const HOST_NAME = /^(?:[a-z0-9_](?:[a-z0-9_-]*[a-z0-9_])?)(?:\.[a-z0-9_](?:[a-z0-9_-]*[a-z0-9_])?)*$/i;

/** The URL where it is http or https and has neither a user nor a query. */
function webUrl(text: string): URL | undefined {
  if (!URL.canParse(text)) return undefined;
  const url = new URL(text);
  const isPlain = url.username === '' && url.password === '' && url.search === '' && url.hash === '';
  return isPlain && /^https?:$/.test(url.protocol) ? url : undefined;
}

const isOrigin = (text: string) => webUrl(text)?.origin === text.toLowerCase();

function isIssuer(text: string): boolean {
  const url = webUrl(text);
  return url !== undefined && (url.protocol === 'https:' || isLoopbackName(url.hostname));
}

const DEFAULT_ROLES = ['read', 'ingest', 'curate', 'operate', 'admin'];
const PAIR = new RegExp(`^[^,]+=(?:${DEFAULT_ROLES.join('|')})$`);

export const browserSchema = {
  ALLOWED_HOSTS: listOf(
    z.string().regex(HOST_NAME, 'must be host names without ports, several joined by commas'),
  )
    .transform((names) => names.map((name) => name.toLowerCase()))
    .default([]),
  CORS_ORIGINS: listOf(
    z.string().refine(isOrigin, 'must be origins like https://page.example, several joined by commas'),
  )
    .transform((origins) => origins.map((origin) => origin.toLowerCase()))
    .default([]),
  PUBLIC_URL: z
    .string()
    .refine(
      (text) => webUrl(text) !== undefined,
      'must look like https://claimline.example or https://example/claims',
    )
    .transform((text) => new URL(text).href.replace(/\/+$/, ''))
    .optional(),
  OIDC_ISSUER: z
    .string()
    .refine(isIssuer, 'must be an https URL, or an http URL on a loopback address')
    .optional(),
  OIDC_CLIENT_ID: z.string().max(500).optional(),
  OIDC_CLIENT_SECRET: z.string().max(500).optional(),
  OIDC_SCOPE: z
    .string()
    .regex(/^(?=(?:.* )?openid(?: |$))[!-~ ]{1,500}$/, 'must be words joined by blanks, one of them openid')
    .default('openid profile'),
  OIDC_ROLES_CLAIM: z.string().max(200).default('roles'),
  OIDC_ROLES: listOf(
    z
      .string()
      .regex(
        PAIR,
        `must be value=role, several joined by commas; a role is one of ${DEFAULT_ROLES.join(', ')}`,
      ),
  )
    .transform((pairs) => pairs.map(pairOf))
    .default(DEFAULT_ROLES.map((role) => [`claimline-${role}`, role])),
};

function pairOf(text: string): [string, string] {
  const at = text.lastIndexOf('=');
  return [text.slice(0, at), text.slice(at + 1)];
}

/** Settings that need another one. */
export const BROWSER_PAIRS: [given: string, needed: string][] = [
  ['OIDC_ISSUER', 'OIDC_CLIENT_ID'],
  ...['OIDC_CLIENT_ID', 'OIDC_CLIENT_SECRET', 'OIDC_SCOPE', 'OIDC_ROLES_CLAIM', 'OIDC_ROLES'].map(
    (given): [string, string] => [given, 'OIDC_ISSUER'],
  ),
];

type Values = z.output<z.ZodObject<typeof browserSchema>>;

export const browsersOf = (values: Values): BrowserSettings => ({
  allowedHosts: values.ALLOWED_HOSTS,
  corsOrigins: values.CORS_ORIGINS,
  publicUrl: values.PUBLIC_URL,
  oidc:
    values.OIDC_ISSUER === undefined
      ? undefined
      : {
          issuer: values.OIDC_ISSUER,
          clientId: values.OIDC_CLIENT_ID!,
          clientSecret: values.OIDC_CLIENT_SECRET,
          scope: values.OIDC_SCOPE,
          rolesClaim: values.OIDC_ROLES_CLAIM,
          roles: values.OIDC_ROLES,
        },
});
