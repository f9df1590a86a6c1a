import type { Formula, Parameter } from './spec.ts';

/** The parts of a concatenation that is hashed: they are hashed part by part. */
const partsOf = (formula: Formula): readonly Formula[] =>
  typeof formula === 'object' && 'concat' in formula ? formula.concat : [formula];

/** A member of an object literal; its name alone where the value has the same name. */
const member = (name: string, value: string): string => (name === value ? name : `${name}: ${value}`);

/** One formula as a call on the operations `a`; its parameters are in scope by name. */
export function toTypeScript(formula: Formula): string {
  if (formula === 'empty') return 'a.empty';
  if (typeof formula === 'string') return formula;
  if ('text' in formula) return `a.text(${JSON.stringify(formula.text)})`;
  if ('octet' in formula) return `a.octet(${formula.octet})`;
  if ('message' in formula) return `a.message(${formula.message})`;
  if ('data' in formula) return `a.data(${formula.data})`;
  if ('hash' in formula) return `a.hash(${partsOf(formula.hash).map(toTypeScript).join(', ')})`;
  if ('concat' in formula) return `a.concat(${formula.concat.map(toTypeScript).join(', ')})`;
  if ('extract' in formula) {
    const { salt, ikm } = formula.extract;
    return `a.extract({ ${member('salt', toTypeScript(salt))}, ${member('ikm', toTypeScript(ikm))} })`;
  }
  if ('expand' in formula) {
    const { prk, info, length } = formula.expand;
    const members = [
      member('prk', toTypeScript(prk)),
      member('info', toTypeScript(info)),
      member('length', `${length}`),
    ];
    return `a.expand({ ${members.join(', ')} })`;
  }
  if ('length' in formula) return `a.length(${toTypeScript(formula.length.of)}, ${formula.length.octets})`;
  if ('pad' in formula) return `a.pad(${toTypeScript(formula.pad.of)}, ${formula.pad.multiple})`;
  const { key, message } = formula.mac;
  return `a.mac({ ${member('key', toTypeScript(key))}, ${member('message', toTypeScript(message))} })`;
}

/** One formula in the notation of the draft, with the draft's symbols. */
export function toNotation(formula: Formula, parameters: readonly Parameter[]): string {
  const show = (inner: Formula): string => toNotation(inner, parameters);
  const symbol = (name: string): string => parameters.find((parameter) => parameter.name === name)?.symbol ?? name;
  if (formula === 'empty') return '""';
  if (typeof formula === 'string') return symbol(formula);
  if ('text' in formula) return `"${formula.text}"`;
  if ('octet' in formula) return `0x${formula.octet.toString(16).padStart(2, '0')}`;
  if ('message' in formula) return symbol(formula.message);
  if ('data' in formula) return `data(${symbol(formula.data)})`;
  if ('hash' in formula) return `SHA-384(${show(formula.hash)})`;
  if ('concat' in formula) return formula.concat.map(show).join(' || ');
  if ('extract' in formula) return `Extract(salt = ${show(formula.extract.salt)}, IKM = ${show(formula.extract.ikm)})`;
  if ('expand' in formula) {
    const { prk, info, length } = formula.expand;
    const octets = typeof length === 'string' ? symbol(length) : length;
    return `Expand(${show(prk)}, info = ${show(info)}, L = ${octets})`;
  }
  if ('length' in formula) return `length(${show(formula.length.of)}, ${formula.length.octets})`;
  if ('pad' in formula) return `pad(${show(formula.pad.of)}, ${formula.pad.multiple})`;
  return `HMAC(${show(formula.mac.key)}, ${show(formula.mac.message)})`;
}
