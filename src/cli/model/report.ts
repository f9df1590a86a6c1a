// How commands of models say why a model is refused.
import { ConfigurationError } from '../../configuration.ts';
import { FileError } from '../../node/files/fileErrors.ts';
import { note, print, printJson } from '../../node/terminal/output.ts';
import type { ProvenanceRefusal } from '../../provenance/contract.ts';

/** Says why a model is refused, on standard output. The path is that of the file or field in question. @returns 1, the exit status */
export function reportRefusal({ code, detail, path }: ProvenanceRefusal, json: boolean | undefined): number {
  const message = detail ?? code;
  if (json) printJson({ ok: false, code, message, path: path ?? null });
  else print(`refused: ${code}: ${path === undefined || message.startsWith(path) ? '' : `${path}: `}${message}`);
  return 1;
}

/** Runs an action; with `--json` a file that cannot be used is told in the same members as a refusal. */
export async function withRefusals(json: boolean | undefined, action: () => Promise<number>): Promise<number> {
  try {
    return await action();
  } catch (error) {
    if (!json || !(error instanceof ConfigurationError)) throw error;
    const path = error instanceof FileError ? error.file : null;
    printJson({ ok: false, code: 'configuration', message: error.message, path });
    note(`pquake: ${error.message}`);
    return 1;
  }
}
