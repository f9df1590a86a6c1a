import { load, messagesSchema, refuseDuplicates } from './load.ts';

/** A formula of the key schedule as it stands in spec/pquake.yaml: a parameter's name or one operation. */
export type Formula =
  | string
  | { readonly text: string }
  | { readonly octet: number }
  | { readonly message: string }
  | { readonly data: string }
  | { readonly hash: Formula }
  | { readonly concat: readonly Formula[] }
  | { readonly extract: { readonly salt: Formula; readonly ikm: Formula } }
  | { readonly expand: { readonly prk: Formula; readonly info: Formula; readonly length: number | string } }
  | { readonly mac: { readonly key: Formula; readonly message: Formula } }
  | { readonly length: { readonly of: Formula; readonly octets: number } }
  | { readonly pad: { readonly of: Formula; readonly multiple: number } };

export interface Parameter {
  readonly name: string;
  readonly symbol: string;
  readonly kind?: string;
  readonly message?: boolean;
  readonly number?: boolean;
  readonly optional?: boolean;
}

/** A formula; or two, for with and without what is optional. */
export interface Formulas {
  readonly formula?: Formula;
  readonly present?: Formula;
  readonly absent?: Formula;
}

export interface Alternative extends Formulas {
  readonly name: string;
}

export interface Axis {
  readonly axis: string;
  readonly symbols: readonly string[];
  readonly aliases: readonly string[];
  readonly section: string;
  readonly result: string;
  readonly says: string;
  readonly parameters: readonly Parameter[];
  readonly alternatives: readonly Alternative[];
}

export interface Derivation {
  readonly name: string;
  readonly symbols: readonly string[];
  readonly section: string;
  readonly says: string;
  readonly result?: string;
  readonly parameters: readonly Parameter[];
  readonly cut?: readonly { name: string; symbol: string; kind: string; octets: number }[];
  readonly formula: Formula;
}

/** A formula of a proposal: as a derivation, and it may depend on what is optional. */
export type ProposedFormula = Omit<Derivation, 'formula'> & Formulas;

export interface Kind {
  readonly octets?: number;
  /** The KEM size that its octets are; `octets` is then that of the mandatory suite. */
  readonly octetsOf?: 'encapsulationKey' | 'ciphertext';
  readonly minimum?: number;
  readonly maximum?: number;
  readonly secret?: boolean;
  readonly source: string;
  readonly description: string;
}

interface AlgorithmSpec {
  readonly oid: string;
  readonly source: string;
  readonly platform: string;
}

export interface KemSpec extends AlgorithmSpec {
  readonly encapsulationKey: number;
  readonly decapsulationKey: number;
  readonly ciphertext: number;
}

export interface SignatureSpec extends AlgorithmSpec {
  readonly publicKey: number;
  readonly signature: number;
  readonly seed: number;
  readonly privateKey: number;
}

export interface SuiteSpec {
  readonly name: string;
  readonly kem: string;
  readonly signatures: readonly string[];
  readonly status: 'mandatory' | 'optional' | 'deprecated' | 'broken';
}

export interface MessageSpec {
  readonly name: string;
  readonly title: string;
  readonly type: number;
  readonly sender: 'initiator' | 'responder';
  readonly step: number;
  readonly section: string;
  readonly fields: readonly { name: string; symbol: string; kind: string }[];
}

export interface FailureSpec {
  readonly code: string;
  readonly abort: 'at once' | 'after confirmation';
  readonly section: string;
  readonly requirements: readonly string[];
  readonly meaning: string;
}

export interface KeyLogLine {
  readonly label: string;
  readonly symbol: string;
  readonly kind: string;
  readonly when: string;
}

export interface Requirement {
  readonly id: string;
  readonly section: string;
  readonly level: string;
  readonly role: string;
  readonly observable: string;
  readonly text: string;
}

/** A row of numbers of spec/channel.yaml. */
export interface ChannelNumber {
  readonly name: string;
  readonly value: number;
  readonly text: string;
}

/** spec/channel.yaml. */
export interface ChannelSpec {
  readonly kinds: Readonly<Record<string, Kind>>;
  /** The begin of the labels under which the keys of a channel are exported from its root. */
  readonly labels: string;
  readonly sizes: Readonly<Record<string, number>>;
  readonly limits: readonly ChannelNumber[];
  readonly costs: readonly ChannelNumber[];
  readonly records: readonly {
    readonly name: string;
    readonly type: number;
    readonly sender: 'both' | 'initiator' | 'responder';
    readonly minimum: number;
    readonly maximum: number;
    readonly content: string;
    readonly then: string;
  }[];
  readonly directions: readonly { readonly sender: 'initiator' | 'responder'; readonly name: string }[];
  readonly derivations: readonly Derivation[];
  readonly failures: readonly Omit<FailureSpec, 'abort'>[];
}

/** A proposal of spec/proposals.yaml. */
export interface ProposalSpec {
  readonly id: string;
  readonly title: string;
  /** The formulas change; messages change too; or one side alone, and no octet changes its meaning. */
  readonly kind: 'derivation' | 'wire' | 'local';
  readonly weakness: string;
  readonly repair: string;
  readonly sections: readonly string[];
  readonly leftOpen: readonly string[];
  readonly verdicts?: readonly { readonly query: string; readonly before: string; readonly after: string }[];
  readonly formulas?: readonly ProposedFormula[];
  readonly text?: string;
}

export interface Spec {
  readonly proposals: readonly ProposalSpec[];
  readonly channel: ChannelSpec;
  readonly protocol: { name: string; version: number; draft: string; headerOctets: number; maximumDataOctets: number };
  readonly kinds: Readonly<Record<string, Kind>>;
  readonly suite: readonly { role: string; algorithm: string; source: string; section: string; sizes: string }[];
  readonly sizes: Readonly<Record<string, number>>;
  /** Labels of the exporter that no application may use, by the derivation that has them. */
  readonly exportLabels: Readonly<Record<string, string>>;
  readonly kems: Readonly<Record<string, KemSpec>>;
  readonly signatures: Readonly<Record<string, SignatureSpec>>;
  readonly suites: readonly SuiteSpec[];
  readonly messages: readonly MessageSpec[];
  readonly steps: readonly {
    step: number;
    name: string;
    section: string;
    title: string;
    initiator: string;
    responder: string;
  }[];
  readonly readings: readonly Axis[];
  readonly derivations: readonly Derivation[];
  readonly keyLog: readonly KeyLogLine[];
  readonly failures: readonly FailureSpec[];
  readonly requirements: readonly Requirement[];
}

/** The mandatory suite with its algorithms. Exactly one suite is mandatory, and every suite names known algorithms. */
export function mandatorySuite({ suites, kems, signatures }: Pick<Spec, 'suites' | 'kems' | 'signatures'>): {
  readonly suite: SuiteSpec;
  readonly kem: KemSpec;
  readonly signature: SignatureSpec;
} {
  for (const { name, kem, signatures: used } of suites) {
    const unknown = [kem, ...used].find((one) => !(one in kems || one in signatures));
    if (unknown !== undefined) throw new Error(`suite ${name} has the algorithm ${unknown}, which is not stated`);
  }
  const [suite, ...others] = suites.filter(({ status }) => status === 'mandatory');
  const kem = kems[suite?.kem ?? ''];
  const signature = signatures[suite?.signatures[0] ?? ''];
  if (suite === undefined || others.length > 0 || kem === undefined || signature === undefined) {
    throw new Error('exactly one suite is mandatory');
  }
  return { suite, kem, signature };
}

/** Kinds whose octets are sizes of the KEM, with those of the mandatory one. */
function sizedKinds(kinds: Spec['kinds'], kem: KemSpec): Spec['kinds'] {
  const sized = ([name, kind]: [string, Kind]): [string, Kind] =>
    kind.octetsOf === undefined ? [name, kind] : [name, { ...kind, octets: kem[kind.octetsOf] }];
  return Object.fromEntries(Object.entries(kinds).map(sized));
}

/** Loads and checks spec/pquake.yaml, spec/channel.yaml and spec/requirements.yaml: schema, uniqueness, references. */
export function loadSpec(): Spec {
  const protocol = load('spec/pquake.yaml', messagesSchema) as Omit<Spec, 'requirements' | 'channel' | 'proposals'>;
  const { requirements } = load('spec/requirements.yaml', 'spec/schema/requirements.schema.json') as Spec;
  const channel = load('spec/channel.yaml', 'spec/schema/channel.schema.json') as ChannelSpec;
  const { proposals } = load('spec/proposals.yaml', 'spec/schema/proposals.schema.json') as Pick<Spec, 'proposals'>;
  refuseDuplicates(
    'proposal',
    proposals.map(({ id }) => id),
  );
  refuseDuplicates(
    'formula of a proposal',
    proposals.flatMap(({ formulas = [] }) => formulas.map(({ name }) => name)),
  );
  const ids = requirements.map(({ id }) => id);
  refuseDuplicates('requirement', ids);
  refuseDuplicates(
    'message type',
    protocol.messages.map(({ type }) => String(type)),
  );
  refuseDuplicates(
    'failure',
    [...protocol.failures, ...channel.failures].map(({ code }) => code),
  );
  refuseDuplicates(
    'record type',
    channel.records.map(({ type }) => String(type)),
  );
  refuseDuplicates('kind', [...Object.keys(protocol.kinds), ...Object.keys(channel.kinds)]);
  // The command line names a reading by its alternative alone, so no two axes may share one.
  refuseDuplicates(
    'alternative of a reading',
    protocol.readings.flatMap(({ alternatives }) => alternatives.map(({ name }) => name)),
  );
  for (const { label, kind } of protocol.keyLog) {
    if (protocol.kinds[kind]?.octets === undefined)
      throw new Error(`${label} is of kind ${kind}, which has no exact length`);
  }
  for (const { code, requirements: cited } of [...protocol.failures, ...channel.failures]) {
    for (const id of cited) if (!ids.includes(id)) throw new Error(`failure ${code} cites ${id}, which is unknown`);
  }
  for (const { name, fields } of protocol.messages) {
    for (const { kind } of fields) {
      if (!(kind in protocol.kinds)) throw new Error(`message ${name} has a field of unknown kind ${kind}`);
    }
  }
  refuseDuplicates(
    'suite',
    protocol.suites.map(({ name }) => name),
  );
  return {
    ...protocol,
    channel,
    proposals,
    kinds: sizedKinds(protocol.kinds, mandatorySuite(protocol).kem),
    requirements,
  };
}
