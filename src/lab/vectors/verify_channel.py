"""Checks channel.json of the vectors, as verify-vectors.py does the other files: Python 3 and its standard library alone.

It states the channel by itself: AES-256-GCM (FIPS 197, NIST SP 800-38D), keys, records, and a receiver that says what is delivered and
why it fails. What the other checker uses too stands here at the beginning.
"""
import hashlib
import hmac
import re

TYPES = {"data": 1, "close": 2, "ratchet": 3, "handshake": 4, "request": 5, "switch": 6}
EMPTY_HASH = hashlib.sha384().digest()
COST = {"bare": 1024, "tiny": 1, "innerHandshake": 16384, "earned": 1024}


class Wrong(Exception):
    pass


def same(what, found, expected):
    if found != expected:
        shown = [one.hex() if isinstance(one, bytes) else repr(one) for one in (found, expected)]
        raise Wrong(f"{what}: computed {shown[0][:120]}, stated {shown[1][:120]}")


def octets(digits):
    if not re.fullmatch(r"(?:[0-9a-f]{2})*", digits):
        raise Wrong("not lower-case hexadecimal digits of octets")
    return bytes.fromhex(digits)


def mac(key, message):
    return hmac.new(key, message, hashlib.sha384).digest()


def expand(prk, info, length):
    okm, block = b"", b""
    for number in range(1, -(-length // 48) + 1):
        block = mac(prk, block + info + bytes([number]))
        okm += block
    return okm[:length]


def double(value):
    return (value << 1) ^ (0x11B if value & 0x80 else 0)


def substitutions():
    """The S-box of FIPS 197, section 5.1.1: inverse in GF(2^8), then the affine map."""
    power, log = [1], {1: 0}
    for n in range(1, 255):
        power.append(power[-1] ^ double(power[-1]))
        log[power[-1]] = n
    box = []
    for value in range(256):
        inverse = power[(255 - log[value]) % 255] if value else 0
        box.append(inverse ^ 0x63)
        for turn in range(1, 5):
            box[-1] ^= ((inverse << turn) | (inverse >> (8 - turn))) & 0xFF
    return box


SBOX = substitutions()
DOUBLE = [double(value) for value in range(256)]


def round_keys(key):
    words, rcon = [list(key[at:at + 4]) for at in range(0, 32, 4)], 1
    for n in range(8, 60):
        word = list(words[-1])
        if n % 8 == 0:
            word = [SBOX[octet] for octet in word[1:] + word[:1]]
            word[0] ^= rcon
            rcon = double(rcon)
        elif n % 8 == 4:
            word = [SBOX[octet] for octet in word]
        words.append([left ^ right for left, right in zip(words[n - 8], word)])
    return [sum(words[at:at + 4], []) for at in range(0, 60, 4)]


def encrypt_block(keys, block):
    state = [left ^ right for left, right in zip(block, keys[0])]
    for number in range(1, 15):
        state = [SBOX[state[(5 * at) % 16]] for at in range(16)]
        if number < 14:
            mixed = []
            for at in range(0, 16, 4):
                a, b, c, d = state[at:at + 4]
                mixed += [DOUBLE[a] ^ DOUBLE[b] ^ b ^ c ^ d, a ^ DOUBLE[b] ^ DOUBLE[c] ^ c ^ d,
                          a ^ b ^ DOUBLE[c] ^ DOUBLE[d] ^ d, DOUBLE[a] ^ a ^ b ^ c ^ DOUBLE[d]]
            state = mixed
        state = [left ^ right for left, right in zip(state, keys[number])]
    return bytes(state)


def times(left, right):
    """In GF(2^128), as GCM has it (NIST SP 800-38D, section 6.3)."""
    product = 0
    for bit in range(127, -1, -1):
        if left >> bit & 1:
            product ^= right
        right = right >> 1 ^ (0xE1 << 120 if right & 1 else 0)
    return product


def gcm(key, nonce, ad, data, sealing):
    """The other text, and the tag over what is sealed."""
    keys = round_keys(key)
    stream = b"".join(encrypt_block(keys, nonce + (2 + n).to_bytes(4, "big")) for n in range(-(-len(data) // 16)))
    other = bytes(left ^ right for left, right in zip(data, stream))
    sealed = other if sealing else data
    power, tag = int.from_bytes(encrypt_block(keys, bytes(16)), "big"), 0
    blocks = [part[at:at + 16].ljust(16, b"\0") for part in (ad, sealed) for at in range(0, len(part), 16)]
    blocks.append((8 * len(ad)).to_bytes(8, "big") + (8 * len(sealed)).to_bytes(8, "big"))
    for block in blocks:
        tag = times(tag ^ int.from_bytes(block, "big"), power)
    first = int.from_bytes(encrypt_block(keys, nonce + (1).to_bytes(4, "big")), "big")
    return other, (tag ^ first).to_bytes(16, "big")


def exported(root, label):
    return expand(root, label.encode("ascii") + b"\0" + EMPTY_HASH, 48)


def secret_of(root, direction):
    return exported(root, f"pquake channel v1 {direction}")


def next_root(root, k_session):
    return mac(exported(root, "pquake channel v1 chain"), k_session)


def nonce_of(secret, sequence):
    return (int.from_bytes(expand(secret, b"iv", 12), "big") ^ sequence).to_bytes(12, "big")


def sealed(secret, sequence, inside):
    header = (len(inside) + 16).to_bytes(2, "big")
    text, tag = gcm(expand(secret, b"key", 32), nonce_of(secret, sequence), header, inside, True)
    return header + text + tag


def opened(secret, sequence, record):
    text, tag = gcm(expand(secret, b"key", 32), nonce_of(secret, sequence), record[:2], record[2:-16], False)
    return text if tag == record[-16:] else None


class Failed(Exception):
    pass


class Receiver:
    """The direction of one sender. `runs` are its inner handshakes, each as the messages that it has to send before `switch`, and the key."""

    def __init__(self, root, direction, runs=(), limits=None):
        self.root, self.direction, self.runs = root, direction, list(runs)
        self.limits = {"recordsAtFailure": 1 << 22, "allowance": 1 << 20, **(limits or {})}
        self.left, self.data, self.inner, self.types = self.limits["allowance"], b"", b"", []
        self.begin(root)

    def begin(self, root):
        self.secret, self.sequence, self.committed, self.closed = secret_of(root, self.direction), 0, False, False

    def take(self, stream):
        while stream:
            if self.closed:
                raise Failed("octets-after-close")
            if not self.committed:
                if len(stream) < 32:
                    return
                if stream[:32] != expand(self.secret, b"commit", 32):
                    raise Failed("wrong-commitment")
                self.committed, stream = True, stream[32:]
                continue
            if len(stream) < 2:
                return
            length = int.from_bytes(stream[:2], "big")
            if not 17 <= length <= 16401:
                raise Failed("record-length")
            if self.sequence + 1 >= self.limits["recordsAtFailure"]:
                raise Failed("too-many-records")
            if len(stream) < 2 + length:
                return
            self.record(stream[:2 + length])
            stream = stream[2 + length:]

    def record(self, record):
        inside = opened(self.secret, self.sequence, record)
        if inside is None:
            raise Failed("record-not-opened")
        self.sequence += 1
        inside = inside.rstrip(b"\0")
        if not inside:
            raise Failed("record-without-type")
        kind, content = inside[-1], inside[:-1]
        names = [name for name, number in TYPES.items() if number == kind]
        if not names:
            raise Failed("unknown-record")
        if names[0] not in ("data", "handshake") and content:
            raise Failed("unexpected-content")
        if names[0] == "handshake" and not content:
            raise Failed("content-missing")
        self.types.append(names[0])
        act = {"data": self.deliver, "close": self.close, "ratchet": self.ratchet, "handshake": self.handshake,
               "request": self.request, "switch": self.switch}
        act[names[0]](content)

    def spend(self, cost):
        self.left = min(self.limits["allowance"], self.left - cost)
        if self.left < 0:
            raise Failed("peer-floods")

    def deliver(self, content):
        self.spend(COST["bare"] if not content else COST["tiny"] if len(content) < 16 else -COST["earned"])
        self.data += content

    def close(self, _):
        self.closed = True

    def ratchet(self, _):
        self.spend(COST["bare"])
        self.secret, self.sequence = expand(self.secret, b"next", 48), 0

    def handshake(self, content):
        if self.direction == "r2i" and not self.runs:
            raise Failed("unexpected-handshake")
        self.inner += content
        expected = self.runs[0][0] if self.runs else b"\x01\x01"
        if not expected.startswith(self.inner[:len(expected)]):
            raise Failed("inner-handshake-failed")

    def request(self, _):
        if self.direction == "i2r":
            raise Failed("request-from-initiator")
        self.spend(COST["bare"])

    def switch(self, _):
        if not self.runs or self.inner != self.runs[0][0]:
            raise Failed("unexpected-switch")
        self.root, self.inner = next_root(self.root, self.runs.pop(0)[1]), b""
        self.begin(self.root)


def check_keys(case, _):
    root, k_session = octets(case["root"]), octets(case["k_session"])
    computed = {"chain": exported(root, "pquake channel v1 chain"), "exporter": exported(root, "pquake channel v1 exporter"),
                "nextRoot": next_root(root, k_session)}
    for direction in ("i2r", "r2i"):
        secret = secret_of(root, direction)
        for name, length in (("commit", 32), ("key", 32), ("iv", 12), ("next", 48)):
            computed[f"{name}_{direction}"] = expand(secret, name.encode("ascii"), length)
        computed[f"secret_{direction}"] = secret
    same("names of the values", sorted(computed), sorted(case["values"]))
    for name, value in computed.items():
        same(name, value, octets(case["values"][name]))


def check_record(case, _):
    secret, sequence = octets(case["secret"]), case["sequence"]
    same("key", expand(secret, b"key", 32), octets(case["key"]))
    same("iv", expand(secret, b"iv", 12), octets(case["iv"]))
    same("nonce", nonce_of(secret, sequence), octets(case["nonce"]))
    inside = octets(case["content"]) + bytes([TYPES[case["type"]]]) + bytes(case["padding"])
    same("record", sealed(secret, sequence, inside), octets(case["octets"]))


def check_stream(case, world):
    base, inner = world["handshakes"][case["base"]], [world["handshakes"][name] for name in case["inner"]]
    same("root", octets(case["root"]), octets(base["values"]["k_session"]))
    same("k_sessions", case["k_sessions"], [one["values"]["k_session"] for one in inner])
    own = (1, 3, 5, 7) if case["sender"] == "initiator" else (2, 4, 6, 8)
    messages = [b"".join(octets(m["octets"]) for kind in own for m in one["messages"] if m["type"] == kind) for one in inner]
    same("direction", {"initiator": "i2r", "responder": "r2i"}[case["sender"]], case["direction"])
    runs = list(zip(messages, map(octets, case["k_sessions"])))
    receiver = Receiver(octets(case["root"]), case["direction"], runs)
    receiver.take(octets(case["octets"]))
    same("end", receiver.closed, True)
    same("data", receiver.data, octets(case["delivered"]))
    same("types", receiver.types, case["types"])
    most, under = case.get("limits", {}).get("recordsBeforeRatchet", 1 << 20), 0
    for kind in receiver.types:
        under = 0 if kind in ("ratchet", "switch") else under + 1
        same("a record too many under one key", under > most, False)


def check_refused(case, _):
    direction = "r2i" if case["role"] == "initiator" else "i2r"
    receiver, code = Receiver(octets(case["root"]), direction, limits=case.get("limits")), None
    try:
        receiver.take(octets(case["octets"]))
        if case["ends"] and not receiver.closed:
            code = "truncated"
    except Failed as failed:
        code = str(failed)
    same("code", code, case["code"])
    same("data", receiver.data, octets(case["delivered"]))


def check_channel(case, world):
    {"keys": check_keys, "record": check_record, "stream": check_stream, "refused": check_refused}[case["layer"]](case, world)
