// `pquake model timestamp`: asks for a time-stamp token over a signature, and puts it into the bundle.
import { Argument, Option } from 'commander';
import { type CommandDefinition, UsageError } from '../../node/terminal/command.ts';
import { type JsonOptions, jsonOption } from '../../node/terminal/options.ts';
import { print, printJson } from '../../node/terminal/output.ts';
import { requestTimestamp, timestampSignature } from '../../provenance/disk/timestampSignature.ts';
import { type RequestDigest, requestDigests } from '../../provenance/trust/timestampRequest.ts';
import { timeText } from '../../time.ts';
import { reportRefusal, withRefusals } from './report.ts';

interface TimestampOptions extends JsonOptions {
  readonly token?: string;
  readonly request?: string;
  readonly digest?: RequestDigest;
  readonly force?: boolean;
}

function stamp(file: string, token: string, json: boolean | undefined): number {
  const stamped = timestampSignature(file, token);
  if (!stamped.ok) return reportRefusal(file, stamped, json);
  const { added, stated, timestamps } = stamped.value;
  const time = timeText(stated);
  if (json) printJson({ ok: true, file, added, stated: time, timestamps });
  else if (added)
    print(`wrote ${file}: with the token of ${time}, ${timestamps} in all; a policy judges who issued it`);
  else print(`${file} has this token of ${time} already; nothing was written`);
  return 0;
}

function request(file: string, out: string, { digest, force, json }: TimestampOptions): number {
  const asked = requestTimestamp(file, { out, digest, force });
  if (!asked.ok) return reportRefusal(file, asked, json);
  if (json) printJson({ ok: true, out, digest: asked.value.digest });
  else print(`wrote ${out}: asks for a token over the signature in ${file}, by its ${asked.value.digest}`);
  return 0;
}

function runTimestamp(file: string, options: TimestampOptions): Promise<number> {
  const { token, request: out, digest, force, json } = options;
  if ((token === undefined) === (out === undefined))
    throw new UsageError('expected one of --token <file> and --request <out>');
  if (token !== undefined && (digest !== undefined || force))
    throw new UsageError('--digest and --force are for requests: --request <out>');
  return withRefusals(json, async () =>
    token === undefined ? request(file, out ?? '', options) : stamp(file, token, json),
  );
}

/** The command `model timestamp`. */
export const timestampCommand: CommandDefinition = {
  words: 'timestamp',
  arguments: [new Argument('<bundle>', 'the signature of a model, or of a statement about it')],
  usage: '<bundle> (--request <out> | --token <file>) [options]',
  description: 'ask for a time-stamp token (RFC 3161) over a signature, and put it into the bundle',
  options: [
    new Option('--request <out>', 'write a request for an authority, DER'),
    new Option('--token <file>', 'put in what the authority answered: its response, or the token alone, DER'),
    new Option('--digest <name>', 'how the request names the signature (default: sha512)').choices(requestDigests),
    new Option('--force', 'replace a request that is there'),
    jsonOption,
  ],
  notes: `
A token has to be about the octets of this signature. Who issued it is judged by a trust policy,
in model verify --policy.`,
  examples: ['model timestamp model.sig --request model.tsq', 'model timestamp model.sig --token model.tsr'],
  action: runTimestamp,
};
