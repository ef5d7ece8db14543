import { printable } from '#libs/domain';
import { parseJson, Problem } from '#libs/platform';

const MAX_FAULT_LENGTH = 250;

/** Reads JSON from outside. @param what names the text in the fault, which quotes it */
export function readJson(
  bytes: Uint8Array,
  what: string,
): { ok: true; json: unknown } | { ok: false; fault: string } {
  try {
    return { ok: true, json: parseJson(bytes) };
  } catch (error) {
    if (!(error instanceof Problem)) throw error;
    return { ok: false, fault: printable(error.message.replace('the body', what), MAX_FAULT_LENGTH) };
  }
}
