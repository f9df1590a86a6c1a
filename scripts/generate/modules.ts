import { type MessageSpec, mandatorySuite, type Spec } from '../../src/lab/spec/spec.ts';
import { banner, counted, literal, quoted, upper } from '../../src/lab/spec/text.ts';

export function bounds(spec: Spec, kind: string): { minimum: number; maximum: number } {
  const { octets, minimum = 0, maximum = spec.protocol.maximumDataOctets } = spec.kinds[kind] ?? {};
  return octets === undefined ? { minimum, maximum } : { minimum: octets, maximum: octets };
}

export function dataBounds(spec: Spec, message: MessageSpec): { minimum: number; maximum: number } {
  const all = message.fields.map(({ kind }) => bounds(spec, kind));
  const sum = (key: 'minimum' | 'maximum'): number => all.reduce((total, one) => total + one[key], 0);
  return { minimum: sum('minimum'), maximum: Math.min(sum('maximum'), spec.protocol.maximumDataOctets) };
}

export function kinds(spec: Spec): string {
  const types = Object.entries({ ...spec.kinds, ...spec.channel.kinds }).map(
    ([name, { octets, minimum, description, source, secret }]) => {
      const size = octets === undefined ? `at least ${counted(minimum ?? 0)}` : counted(octets);
      return `/** ${upper(description)}: ${size}${secret ? ', secret' : ''} (${source}). */\nexport type ${name}<O> = Kind<O, '${name}'>;`;
    },
  );
  return `${banner}declare const kind: unique symbol;

/** An octet string \`O\` that is known to be of kind \`K\`: swapped arguments do not compile. */
export type Kind<O, K extends string> = O & { readonly [kind]: K };

${types.join('\n\n')}
`;
}

/** `ML-KEM-1024` as `mlKem1024`. */
const identifier = (name: string): string =>
  name
    .toLowerCase()
    .split('-')
    .map((word, index) => (index === 0 ? word : upper(word)))
    .join('');

export function constants(spec: Spec): string {
  const { version, draft, headerOctets } = spec.protocol;
  const { suite, kem, signature } = mandatorySuite(spec);
  const { encapsulationKey, ciphertext, decapsulationKey } = kem;
  const { publicKey: signaturePublicKey, seed: signatureSeed } = signature;
  const ofSuite = { encapsulationKey, ciphertext, decapsulationKey, signaturePublicKey, signatureSeed };
  const sizes = { ...ofSuite, signature: signature.signature, ...spec.sizes };
  const oids = [suite.kem, ...suite.signatures].map((name) => {
    const { oid, source } = spec.kems[name] ?? spec.signatures[name] ?? signature;
    return `  /** ${source} */\n  ${identifier(name)}: '${oid}',`;
  });
  return `${banner}/** The protocol version of every message (section 4.1). */
export const protocolVersion = ${version};

/** The draft that this code implements. */
export const draft = '${draft}';

/** Octets of a message header: version, type, length (section 4.1). */
export const headerOctets = ${headerOctets};

/** Sizes in octets of the mandatory suite (section 1.2). */
export const sizes = ${literal(sizes)} as const;

/** Labels of the exporter that no application may use. */
export const exportLabels = ${literal(spec.exportLabels)} as const;

/** Object identifiers of the mandatory suite (section 4.4). */
export const objectIdentifiers = {
${oids.join('\n')}
} as const;
`;
}

export function messages(spec: Spec): string {
  const used = [...new Set(spec.messages.flatMap(({ fields }) => fields.map(({ kind }) => kind)))].sort();
  const types = spec.messages.map(
    ({
      name,
      title,
      type,
      sender,
      step,
      section,
      fields,
    }) => `/** ${title}: type ${type}, from the ${sender}, step ${step} (section ${section}). */
export interface ${upper(name)}<O> {
  readonly type: '${name}';
${fields.map(({ name: field, symbol, kind }) => `  /** \`${symbol}\` */\n  readonly ${field}: ${kind}<O>;`).join('\n')}
}`,
  );
  const union = (sender?: string): string =>
    spec.messages
      .filter((message) => sender === undefined || message.sender === sender)
      .map(({ name }) => `${upper(name)}<O>`)
      .join(' | ');
  return `${banner}import type { ${used.join(', ')} } from './kinds.ts';

${types.join('\n\n')}

/** The messages of the initiator, in order. */
export type InitiatorMessage<O> = ${union('initiator')};

/** The messages of the responder, in order. */
export type ResponderMessage<O> = ${union('responder')};

/** Every message of the protocol (section 4). */
export type Message<O> = InitiatorMessage<O> | ResponderMessage<O>;

/** The name of a message. */
export type MessageName = Message<unknown>['type'];
`;
}

/** Octets as an expression: a number, or a size of the KEM of the suite. */
function octetsExpression(spec: Spec, kind: string): string {
  const { octetsOf } = spec.kinds[kind] ?? {};
  return octetsOf === undefined ? String(bounds(spec, kind).maximum) : `kem.${octetsOf}`;
}

const isSized = (spec: Spec, { fields }: MessageSpec): boolean =>
  fields.some(({ kind }) => spec.kinds[kind]?.octetsOf !== undefined);

/** The octets that the data of a message may have; those of the KEM where it has a field of it. */
function boundsExpression(spec: Spec, message: MessageSpec): { minimum: string; maximum: string } {
  const [field] = message.fields;
  if (field === undefined || !isSized(spec, message)) {
    const { minimum, maximum } = dataBounds(spec, message);
    return { minimum: String(minimum), maximum: String(maximum) };
  }
  if (message.fields.length > 1) throw new Error(`${message.name}: a field of the KEM stands alone`);
  const octets = octetsExpression(spec, field.kind);
  const conveyed = field.kind === 'Ciphertext' && message.step === 2 ? `(kem.conveyedCiphertext ?? ${octets})` : octets;
  return { minimum: conveyed, maximum: conveyed };
}

function decoder(spec: Spec, message: MessageSpec): string {
  const { minimum, maximum } = boundsExpression(spec, message);
  let offset = 0;
  const parts = message.fields.map(({ name, kind }, index) => {
    const last = index === message.fields.length - 1;
    const { maximum: octets } = bounds(spec, kind);
    const slice = `data.subarray(${offset}${last ? '' : `, ${offset + octets}`}) as ${kind}<Uint8Array>`;
    offset += octets;
    return `${name}: ${slice}`;
  });
  const fits =
    minimum === maximum ? `data.length === ${minimum}` : `data.length >= ${minimum} && data.length <= ${maximum}`;
  const parameters = isSized(spec, message) ? 'data: Uint8Array, kem: KemSizes' : 'data: Uint8Array';
  return `  ${message.name}: (${parameters}): Decoded<${upper(message.name)}<Uint8Array>> =>
    ${fits} ? { ok: true, value: { type: '${message.name}', ${parts.join(', ')} } } : wrongLength,`;
}

export function codec(spec: Spec): string {
  const used = [...new Set(spec.messages.flatMap(({ fields }) => fields.map(({ kind }) => kind)))].sort();
  const rows = spec.messages.map((message) => {
    const { name, title, type, sender, step, section } = message;
    return `  ${name}: ${literal({ title, type, sender, step, section, ...dataBounds(spec, message) })},`;
  });
  const symbols = spec.messages.map(({ name, fields }) => `  ${name}: ${literal(fields.map(({ symbol }) => symbol))},`);
  const encoders = spec.messages.map(
    ({ name, fields }) =>
      `    case '${name}':\n      return [${fields.map(({ name: field }) => `message.${field}`).join(', ')}];`,
  );
  return `${banner}import type { ${used.join(', ')} } from './kinds.ts';
import type { Message, MessageName, ${spec.messages.map(({ name }) => upper(name)).join(', ')} } from './messages.ts';

/** Octets of the KEM of a suite that stand on the wire. */
export interface KemSizes {
  readonly encapsulationKey: number;
  readonly ciphertext: number;
  /** What the data of messages 5 and 6 have, where a proposal seals the ciphertext (spec/proposals.md). */
  readonly conveyedCiphertext?: number;
}

/** Every message: type octet, sender, step, section, and the octets that its data may have in the mandatory suite. */
export const messageTable = {
${rows.join('\n')}
} as const;

/** The symbols of the draft for the fields of each message, in the order of the wire: that of \`fieldsOf\`. */
export const fieldSymbols = {
${symbols.join('\n')}
} as const satisfies Record<MessageName, readonly string[]>;

/** The messages in the order of their type octets. */
export const messageNames = ${literal(spec.messages.map(({ name }) => name))} as const satisfies readonly MessageName[];

/** A message, or the failure code that its octets deserve. */
export type Decoded<M> =
  | { readonly ok: true; readonly value: M }
  | { readonly ok: false; readonly code: 'wrong-version' | 'unexpected-message' | 'wrong-length' };

const wrongLength = { ok: false, code: 'wrong-length' } as const;

/** The fields of a message, in the order of the wire. */
export function fieldsOf<O>(message: Message<O>): readonly O[] {
  switch (message.type) {
${encoders.join('\n')}
  }
}

/** The octets that the data of a message may have with a KEM. */
export function dataBounds(message: MessageName, kem: KemSizes): { readonly minimum: number; readonly maximum: number } {
  switch (message) {
${spec.messages
  .filter((message) => isSized(spec, message))
  .map((message) => {
    const { minimum, maximum } = boundsExpression(spec, message);
    return `    case '${message.name}':\n      return { minimum: ${minimum}, maximum: ${maximum} };`;
  })
  .join('\n')}
    default:
      return messageTable[message];
  }
}

/** From the data of a message to its fields: views of exactly the octets given, none left over. */
export const decodeData = {
${spec.messages.map((message) => decoder(spec, message)).join('\n')}
} as const satisfies Record<MessageName, (data: Uint8Array, kem: KemSizes) => Decoded<Message<Uint8Array>>>;
`;
}

export function failures(spec: Spec): string {
  const rows = spec.failures.map(
    ({ code, abort, section, requirements, meaning }) =>
      `  '${code}': ${literal({ abort, section, requirements, meaning })},`,
  );
  return `${banner}import type { RequirementId } from './requirements.ts';

/** The stable code of a local failure (sections 3, 3.6). */
export type FailureCode = ${quoted(spec.failures.map(({ code }) => code))};

interface FailureRow {
  readonly abort: 'at once' | 'after confirmation';
  readonly section: string;
  readonly requirements: readonly RequirementId[];
  readonly meaning: string;
}

/** Every failure: when the handshake is aborted for it, the requirements that it serves, and its meaning. */
export const failureTable: Readonly<Record<FailureCode, FailureRow>> = {
${rows.join('\n')}
};
`;
}

export function requirements(spec: Spec): string {
  return `${banner}/** An id of spec/requirements.yaml. */
export type RequirementId = ${quoted(spec.requirements.map(({ id }) => id))};

/** How binding a requirement is: a key word of the draft, \`implied\` by it without one, or a rule of this project. */
export type RequirementLevel = ${quoted([...new Set(spec.requirements.map(({ level }) => level))])};

/** The level of every requirement. */
export const requirementLevels: Readonly<Record<RequirementId, RequirementLevel>> = {
${spec.requirements.map(({ id, level }) => `  '${id}': '${level}',`).join('\n')}
};
`;
}

export function keyLog(spec: Spec): string {
  const rows = spec.keyLog.map(
    ({ label, symbol, kind }) => `  ${symbol}: ${literal({ label, octets: spec.kinds[kind]?.octets })},`,
  );
  return `${banner}/** The lines of a key log (spec/keylog.md), by the symbol of the draft: label, and octets of the secret. */
export const keyLogTable = {
${rows.join('\n')}
} as const;

/** A secret that a key log holds, by its symbol. */
export type LoggedSecret = keyof typeof keyLogTable;
`;
}
