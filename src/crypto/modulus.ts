import { sizes } from '../generated/constants.ts';

const modulus = 3329; // q, FIPS 203, section 2.4
const polynomials = 1536; // 4 polynomials of 256 coefficients of 12 bits; the rest is rho

/** The type and modulus checks of FIPS 203, section 7.2: 1568 octets, and every coefficient below q. */
export function isEncapsulationKey(octets: Uint8Array): boolean {
  if (octets.length !== sizes.encapsulationKey) return false;
  for (let at = 0; at < polynomials; at += 3) {
    const low = octets[at] ?? 0;
    const middle = octets[at + 1] ?? 0;
    const high = octets[at + 2] ?? 0;
    if ((low | ((middle & 0x0f) << 8)) >= modulus || ((middle >> 4) | (high << 4)) >= modulus) return false;
  }
  return true;
}
