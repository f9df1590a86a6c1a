// The path validation of the OpenSSL that Node is built with, called directly, as node:crypto has none.

import { time } from './certificates.ts';
import type { Chain } from './chain.ts';

/** The answer of OpenSSL to a chain: `ok`, or the text of its error. */
export interface Judge {
  readonly version: string;
  readonly judge: (chain: Chain) => string;
}

// X509_V_FLAG_CRL_CHECK, X509_V_FLAG_CRL_CHECK_ALL, X509_V_FLAG_X509_STRICT of x509_vfy.h
const flags = { crl: 0x4n, crlAll: 0x8n, strict: 0x20n };

const functions = {
  d2i_X509: { arguments: ['pointer', 'buffer', 'int64'], return: 'pointer' },
  d2i_X509_CRL: { arguments: ['pointer', 'buffer', 'int64'], return: 'pointer' },
  X509_STORE_new: { arguments: [], return: 'pointer' },
  X509_STORE_add_cert: { arguments: ['pointer', 'pointer'], return: 'int32' },
  X509_STORE_add_crl: { arguments: ['pointer', 'pointer'], return: 'int32' },
  X509_STORE_CTX_new: { arguments: [], return: 'pointer' },
  X509_STORE_CTX_init: { arguments: ['pointer', 'pointer', 'pointer', 'pointer'], return: 'int32' },
  X509_STORE_CTX_get0_param: { arguments: ['pointer'], return: 'pointer' },
  X509_STORE_CTX_get_error: { arguments: ['pointer'], return: 'int32' },
  X509_STORE_CTX_free: { arguments: ['pointer'], return: 'void' },
  X509_STORE_free: { arguments: ['pointer'], return: 'void' },
  X509_VERIFY_PARAM_set_flags: { arguments: ['pointer', 'uint64'], return: 'int32' },
  X509_VERIFY_PARAM_set_time: { arguments: ['pointer', 'int64'], return: 'void' },
  X509_verify_cert: { arguments: ['pointer'], return: 'int32' },
  X509_verify_cert_error_string: { arguments: ['int64'], return: 'pointer' },
  OPENSSL_sk_new_null: { arguments: [], return: 'pointer' },
  OPENSSL_sk_push: { arguments: ['pointer', 'pointer'], return: 'int32' },
} as const;

/** The judge, or the reason why this Node has none. Parsed elements are not freed: the process is short. */
export function openssl(): Judge | string {
  const ffi = process.getBuiltinModule?.('node:ffi');
  if (ffi === undefined) return `this Node (${process.version}) has no node:ffi`;
  const open = () => ffi.dlopen(null, functions).functions;
  let ssl: ReturnType<typeof open>;
  try {
    ssl = open();
  } catch (error) {
    return `OpenSSL cannot be called: ${error instanceof Error ? error.message : 'unknown'}`;
  }

  /** Parses DER. OpenSSL moves the pointer behind the part that it took, and does not mind octets that are left over. */
  function parsed(parse: 'd2i_X509' | 'd2i_X509_CRL', der: Uint8Array): bigint | undefined {
    const kept = Buffer.from(der);
    const pointer = Buffer.alloc(8);
    pointer.writeBigUInt64LE(ffi?.getRawPointer(kept) ?? 0n);
    const element = ssl[parse](0n, pointer, BigInt(kept.length));
    return element === 0n ? undefined : element;
  }

  function judge({ leaf, anchors, intermediates = [], lists = [], revocation, at = time }: Chain): string {
    const certificate = parsed('d2i_X509', leaf);
    if (certificate === undefined) return 'certificate not parsed';
    const store = ssl.X509_STORE_new();
    const untrusted = ssl.OPENSSL_sk_new_null();
    for (const der of anchors) {
      const anchor = parsed('d2i_X509', der);
      if (anchor === undefined) return 'trust anchor not parsed';
      ssl.X509_STORE_add_cert(store, anchor);
    }
    for (const der of intermediates) {
      const intermediate = parsed('d2i_X509', der);
      if (intermediate === undefined) return 'intermediate not parsed';
      ssl.OPENSSL_sk_push(untrusted, intermediate);
    }
    for (const der of lists) {
      const list = parsed('d2i_X509_CRL', der);
      if (list === undefined) return 'revocation list not parsed';
      ssl.X509_STORE_add_crl(store, list);
    }
    const context = ssl.X509_STORE_CTX_new();
    ssl.X509_STORE_CTX_init(context, store, certificate, untrusted);
    const parameters = ssl.X509_STORE_CTX_get0_param(context);
    const revoking = lists.length > 0 || revocation === 'required' ? flags.crl | flags.crlAll : 0n;
    ssl.X509_VERIFY_PARAM_set_flags(parameters, flags.strict | revoking);
    ssl.X509_VERIFY_PARAM_set_time(parameters, BigInt(Math.floor(at.getTime() / 1000)));
    const valid = ssl.X509_verify_cert(context) === 1;
    const error = ssl.X509_STORE_CTX_get_error(context);
    ssl.X509_STORE_CTX_free(context);
    ssl.X509_STORE_free(store);
    const text = ffi?.toString(ssl.X509_verify_cert_error_string(BigInt(error)));
    return valid ? 'ok' : (text ?? `error ${error}`);
  }

  return { version: process.versions.openssl ?? 'unknown', judge };
}
