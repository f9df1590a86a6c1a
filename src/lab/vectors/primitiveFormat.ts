// The shapes of the vectors of primitives: what goes in, and what comes out.
type Hex = string;

/** One operation of a primitive, with its inputs and its result. */
export type PrimitiveShape =
  | {
      readonly operation: 'ml-kem-1024.keygen';
      readonly seed: Hex;
      readonly encapsulationKey: Hex;
      readonly decapsulationKey: Hex;
    }
  | {
      readonly operation: 'ml-kem-1024.encapsulate';
      readonly encapsulationKey: Hex;
      readonly coins: Hex;
      readonly result: 'accepted';
      readonly ciphertext: Hex;
      readonly sharedSecret: Hex;
    }
  | { readonly operation: 'ml-kem-1024.encapsulate'; readonly encapsulationKey: Hex; readonly result: 'refused' }
  | {
      readonly operation: 'ml-kem-1024.decapsulate';
      readonly seed: Hex;
      readonly ciphertext: Hex;
      readonly sharedSecret: Hex;
      readonly rejected: boolean;
    }
  | {
      readonly operation: 'ml-dsa-87.verify';
      readonly publicKey: Hex;
      readonly message: Hex;
      readonly signature: Hex;
      readonly valid: boolean;
    }
  | { readonly operation: 'ml-dsa-87.keygen'; readonly seed: Hex; readonly publicKey: Hex }
  | { readonly operation: 'sha-384'; readonly message: Hex; readonly digest: Hex }
  | { readonly operation: 'hmac-sha-384'; readonly key: Hex; readonly message: Hex; readonly tag: Hex }
  | { readonly operation: 'hkdf-sha-384.extract'; readonly salt: Hex; readonly ikm: Hex; readonly prk: Hex }
  | {
      readonly operation: 'hkdf-sha-384.expand';
      readonly prk: Hex;
      readonly info: Hex;
      readonly length: number;
      readonly okm: Hex;
    }
  | {
      readonly operation: 'aes-256-gcm.seal' | 'aes-256-gcm.open';
      readonly key: Hex;
      readonly initialVector: Hex;
      readonly associatedData: Hex;
      /** Absent where the text does not open. */
      readonly plaintext?: Hex;
      readonly sealed: Hex;
      readonly result: 'accepted' | 'refused';
    };
