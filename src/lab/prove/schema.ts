// Checks data against models.schema.json. Each problem has its place, the value found, and the one expected.
import { readFileSync } from 'node:fs';
import { Ajv, type ErrorObject, type ValidateFunction } from 'ajv';
import { type Edit, ManifestError, type Prover, type Tool, type Verdict } from './model.ts';

type AnswerWord = boolean | 'unproved';

/** models.yaml, as it is written. */
export interface ManifestData {
  readonly provers?: Readonly<Partial<Record<Tool, Prover>>>;
  readonly models: readonly {
    readonly id: string;
    readonly tool: Tool;
    readonly set: 'default' | 'full';
    readonly title: string;
    readonly parts: readonly string[];
    readonly protocol?: string;
    readonly queries?: readonly string[];
    readonly only?: readonly string[];
    readonly expect?: Readonly<Record<string, AnswerWord>>;
    readonly attack?: Readonly<Record<string, string>>;
    readonly confirmed?: Readonly<Record<string, string>>;
    readonly seconds?: number;
    readonly ends?: boolean;
    readonly edits?: readonly Edit[];
  }[];
  readonly twins?: readonly {
    readonly of: readonly string[];
    readonly set: 'default' | 'full';
    readonly queries: readonly string[];
    readonly ends?: boolean;
    readonly seconds?: number;
  }[];
  readonly controls?: readonly {
    readonly name: string;
    readonly of: readonly string[];
    readonly title: string;
    readonly edits: readonly Edit[];
    readonly expect: Readonly<Record<string, AnswerWord>>;
    readonly same?: readonly string[];
    readonly seconds?: number;
  }[];
  readonly excuses?: readonly { readonly query: string; readonly tool: Tool; readonly because: string }[];
  readonly variants?: readonly {
    readonly protocol: string;
    readonly set: 'default' | 'full';
    readonly title: string;
    readonly attack?: Readonly<Record<string, string>>;
    readonly confirmed?: Readonly<Record<string, string>>;
    readonly seconds?: number;
    readonly of: Readonly<Record<string, Readonly<Record<string, AnswerWord | readonly string[]>>>>;
  }[];
}

/** The text of a query block, as it is written. */
export interface BlockData {
  readonly claims?: readonly string[];
  readonly requirements?: readonly string[];
  readonly means: string;
  readonly expect?: AnswerWord;
  readonly attack?: string;
  readonly bound?: string;
  readonly reachability?: boolean;
}

/** verdicts/<id>.json, as it is written. */
export interface LedgerData {
  readonly model: string;
  readonly tool: Tool;
  readonly version: string;
  /** The digest of the library that the prover read beside the text; absent where it reads none. */
  readonly library?: string;
  readonly digest: string;
  /** Who ran the prover, when (UTC), and on what machine. */
  readonly run: { readonly by: string; readonly at: string; readonly on: string };
  readonly seconds: number;
  readonly queries: readonly {
    readonly id: string;
    readonly verdict: 'true' | 'false' | 'unproved';
    readonly bound?: string;
  }[];
}

/** What one run of provers said, as one file: made by whoever ran them, apart from the record beside the models. */
export interface AttestationData {
  readonly form: 'pquake-attestation-1';
  readonly run: LedgerData['run'];
  readonly machine: Readonly<Record<'system' | 'processor' | 'memory' | 'node', string>>;
  /** The digest of the file that was run, by tool. */
  readonly executables: Readonly<Partial<Record<Tool, string>>>;
  readonly models: readonly LedgerData[];
}

/** A line of lattice/record.jsonl. */
export interface LatticeData {
  readonly cell: string;
  /** Of a control: the mutant. */
  readonly protocol?: string;
  readonly outcome: 'safe' | 'broken' | 'open';
  readonly texts: readonly {
    readonly kind: 'traces' | 'equivalence' | 'completes' | 'attack';
    readonly digest: string;
    readonly answers: Readonly<Record<string, Verdict>>;
    /** The steps of each trace that was found. */
    readonly traces: readonly number[];
    readonly seconds: number;
  }[];
  readonly version: string;
  readonly run: LedgerData['run'];
}

/** lattice/reasons.yaml, as it is written. */
export interface ReasonsData {
  readonly reasons: readonly {
    readonly set: string;
    readonly breaks: readonly ('secrecy' | 'agreement' | 'hiding-passive' | 'hiding-active')[];
    /** The time of the leak for which the set is minimal; both when absent. */
    readonly when?: 'before' | 'after';
    readonly why: string;
  }[];
}

/** assumptions.yaml, as it is written. */
export interface AssumptionsData {
  readonly assumptions: readonly {
    readonly why: string;
    readonly in: readonly string[];
    readonly lines: readonly string[];
  }[];
}

/** A model in pinned.yaml. */
export interface PinData {
  readonly tool: Tool;
  readonly set: 'default' | 'full';
  readonly parts: readonly string[];
  /** The answer that is expected, and the start of the digest of the declaration, if there is one; by query id. */
  readonly queries: Readonly<Record<string, string>>;
}

interface Shapes {
  readonly manifest: ManifestData;
  readonly block: BlockData;
  readonly ledger: LedgerData;
  readonly attestation: AttestationData;
  readonly lattice: LatticeData;
  readonly reasons: ReasonsData;
  readonly assumptions: AssumptionsData;
  readonly pinned: { readonly models: Readonly<Record<string, PinData>> };
}

const schemaFile = new URL('../../../models/models.schema.json', import.meta.url);

function makeAjv(): Ajv {
  const ajv = new Ajv({ allErrors: true, verbose: true });
  return ajv.addSchema(JSON.parse(readFileSync(schemaFile, 'utf8')), 'models');
}

let shared: Ajv | undefined;

function validator(shape: keyof Shapes): ValidateFunction {
  shared ??= makeAjv();
  const reference = shape === 'manifest' ? 'models' : `models#/definitions/${shape}`;
  const found = shared.getSchema(reference);
  if (found === undefined) throw new Error(`models.schema.json has no ${reference}`);
  return found;
}

/** `/models/3/tool` is models[3] (its id, where it has one).tool. */
function place(path: string, root: unknown): string {
  let [written, value] = ['', root];
  for (const step of path.split('/').slice(1)) {
    const key = step.replaceAll('~1', '/').replaceAll('~0', '~');
    value = (value as Record<string, unknown> | undefined)?.[key];
    const id = (value as { id?: unknown } | undefined)?.id;
    if (/^\d+$/.test(key)) written += typeof id === 'string' ? `[${key}] (${id})` : `[${key}]`;
    else written += written === '' ? key : `.${key}`;
  }
  return written;
}

const show = (value: unknown): string => {
  const text = JSON.stringify(value) ?? 'nothing';
  return text.length > 80 ? `${text.slice(0, 77)}...` : text;
};

function known(error: ErrorObject): string {
  const properties: unknown = error.parentSchema?.['properties'];
  return properties !== null && typeof properties === 'object' ? Object.keys(properties).join(', ') : '';
}

const describedAs = (error: ErrorObject): string | undefined => error.parentSchema?.['description'];

function explain(error: ErrorObject): string {
  const { keyword, params, data, message = '' } = error;
  if (keyword === 'additionalProperties')
    return `unknown key ${params['additionalProperty']}; expected one of: ${known(error)}`;
  if (keyword === 'required') return `the key ${params['missingProperty']} is missing`;
  if (keyword === 'enum') return `expected one of ${params['allowedValues'].join(', ')}; found ${show(data)}`;
  if (keyword === 'type')
    return `expected ${describedAs(error) ?? `a value of type ${params['type']}`}; found ${show(data)}`;
  return `expected ${describedAs(error) ?? message.replace(/^must /, 'to ')}; found ${show(data)}`;
}

/**
 * Checks data, and gives it its type.
 * @param what - named in front of each problem, such as the file
 * @throws ManifestError with a line for each problem: where, what was expected, what is there
 */
export function check<S extends keyof Shapes>(shape: S, data: unknown, what: string): Shapes[S] {
  const validate = validator(shape);
  if (validate(data)) return data as Shapes[S];
  const problems = (validate.errors ?? [])
    .filter(({ keyword }) => keyword !== 'propertyNames')
    .map((error) => {
      const at = place(error.instancePath, data);
      return `${what}: ${at === '' ? '' : `${at}: `}${explain(error)}`;
    });
  throw new ManifestError(problems.join('\n'));
}

/** `true` of YAML is the answer 'true'. */
export const answerOf = (word: AnswerWord): 'true' | 'false' | 'unproved' =>
  typeof word === 'boolean' ? (word ? 'true' : 'false') : word;
