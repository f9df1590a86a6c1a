#!/usr/bin/env python3
"""Checks spec/vectors/v1 without any code of this project: Python 3 and its standard library alone.

Recomputed: canonical JSON and digests, coins, codec, changes of octets, SHA-384, HMAC, HKDF, transcript hashes, the key schedule of
every reading, confirmation values, exporter, session identifier, flights of every schedule, coins that are hedged, and of deliveries the framing,
what is sent before the end, and which confirmation value was wrong; and the channel, in verify_channel.py beside this file.
Taken from the vectors, as the standard library has none of it: outputs of ML-KEM, results of ML-DSA-87 and (but for the channel) AES-256-GCM, and
the validity of certificates.

    python3 src/lab/vectors/verify-vectors.py [DIRECTORY]
"""
import hashlib
import json
import pathlib
import re
import sys

sys.dont_write_bytecode = True  # nothing is left beside the files
from verify_channel import Wrong, check_channel, expand, mac, octets, same

SIZES = {1: 1568, 2: 1568, 5: 1568, 6: 1568, 7: 48, 8: 48}  # octets of data; 3 and 4 have 29 to 65535
NAMES = ["initiatorHello", "responderHello", "initiatorCertificate", "responderCertificate",
         "initiatorEncapsulation", "responderEncapsulation", "initiatorConfirmation", "responderConfirmation"]
AXES = {"transcript": {"messages", "fields", "chained"}, "hidingKey": {"salted", "label-info", "bound"},
        "associatedData": {"empty", "header"}, "keyMaterial": {"secrets-and-hashes", "hiding-key"},
        "confirmationInput": {"initiator-first", "figure"}}
FLIGHTS = {"eager": [("i", [1]), ("r", [2, 4]), ("i", [3, 5]), ("r", [6, 8]), ("i", [7])],
           "initiator-first": [("i", [1]), ("r", [2]), ("i", [3]), ("r", [4]), ("i", [5]), ("r", [6]), ("i", [7]), ("r", [8])],
           "responder-first": [("i", [1]), ("r", [2, 4]), ("i", [3]), ("r", [6]), ("i", [5]), ("r", [8]), ("i", [7])]}
AWAITED = {"initiator": [2, 4, 6, 8], "responder": [1, 3, 5, 7]}
STEP = {1: 1, 2: 1, 3: 1, 4: 1, 5: 2, 6: 2, 7: 4, 8: 4}
FRAMING = {"wrong-version", "unexpected-message", "wrong-length"}


def canonical(value):
    """RFC 8785 for objects, arrays, ASCII strings, integers and booleans; anything else is refused."""
    if isinstance(value, dict):
        return "{" + ",".join(f"{canonical(name)}:{canonical(value[name])}" for name in sorted(value)) + "}"
    if isinstance(value, list):
        return "[" + ",".join(map(canonical, value)) + "]"
    if isinstance(value, bool) or isinstance(value, int):
        return json.dumps(value)
    if isinstance(value, str) and re.fullmatch(r"[ -~]*", value):
        return json.dumps(value)
    raise Wrong(f"a value that vectors do not have: {value!r}")


def sha384(*parts):
    return hashlib.sha384(b"".join(parts)).digest()


def derived(identity, name, length):
    """Coins of a vector, which nobody chose."""
    blocks = (sha384(f"{identity} {name} {number}".encode("ascii")) for number in range(1, -(-length // 48) + 1))
    return b"".join(blocks)[:length]


def header_code(octets4, awaited):
    """Why a header is refused when this type is awaited; None when it is not (draft, section 4.1)."""
    version, kind, length = octets4[0], octets4[1], int.from_bytes(octets4[2:4], "big")
    if version != 1:
        return "wrong-version"
    if kind != awaited:
        return "unexpected-message"
    fits = 29 <= length <= 65535 if awaited in (3, 4) else length == SIZES[awaited]
    return None if fits else "wrong-length"


def fields(kind, data):
    if kind in (3, 4):
        return {"initialVector": data[:12], "sealedCertificate": data[12:]}
    name = {1: "ephemeralKey", 2: "ephemeralCiphertext", 5: "ciphertext", 6: "ciphertext"}.get(kind, "confirmation")
    return {name: data}


def changed(base, change):
    new = bytearray(base)
    for patch in change.get("patch", []):
        over, at = octets(patch["octets"]), patch["offset"]
        if at + len(over) > len(new):
            raise Wrong("a patch behind the end")
        new[at:at + len(over)] = over
    return (bytes(new[:change.get("length", len(new))]) + octets(change.get("append", "")))[change.get("from", 0):]


def reading_of(reading):
    if set(reading) != set(AXES) or any(reading[axis] not in AXES[axis] for axis in reading):
        raise Wrong(f"unknown reading {reading}")
    return reading


def key_schedule(reading, ss_pre, ss_e, ss_i, ss_r, m):
    """Every value of the key schedule from the secrets and messages 1 to 6, whole."""
    reading = reading_of(reading)
    if reading["hidingKey"] == "label-info":
        salt, ikm, info = ss_pre, ss_e, b"HID"
    else:
        bound = sha384(m[1]) + sha384(m[2]) if reading["hidingKey"] == "bound" else b""
        salt, ikm, info = (ss_pre, ss_e + b"HID" + bound, b"") if ss_pre else (ss_e, b"HID" + bound, b"")
    prk = mac(salt, ikm)
    k_hid = expand(prk, info, 32)

    def transcript(first, second, third):
        if reading["transcript"] == "chained":
            one = sha384(m[first])
            two = sha384(one, m[second])
            return [one, two, sha384(two, m[third])]
        cut = 4 if reading["transcript"] == "fields" else 0
        return [sha384(m[first][cut:], m[second][cut:], m[third][cut:])]

    steps_i, steps_r = transcript(1, 3, 5), transcript(2, 4, 6)
    h_i, h_r = steps_i[-1], steps_r[-1]
    S = ss_e + ss_i + ss_r + h_i + h_r + (k_hid if reading["keyMaterial"] == "hiding-key" else b"")
    prk2 = mac(b"", S)
    okm = expand(prk2, b"", 144)
    k_C_i, k_C_r, k_session = okm[:48], okm[48:96], okm[96:]
    data = h_i + h_r if reading["confirmationInput"] == "initiator-first" else h_r + h_i
    return {
        "ss_e": ss_e, "ss_i": ss_i, "ss_r": ss_r,
        "kdf_1": {"salt": salt, "IKM": ikm, "PRK": prk, "info": info, "L": 32}, "k_hid": k_hid,
        "h_i_steps": steps_i, "h_r_steps": steps_r, "h_i": h_i, "h_r": h_r, "S": S,
        "kdf_2": {"salt": b"", "IKM": S, "PRK": prk2, "info": b"", "L": 144, "OKM": okm},
        "k_C_i": k_C_i, "k_C_r": k_C_r, "k_session": k_session, "confirmationInput": data,
        "C_i": mac(k_C_i, data), "C_r": mac(k_C_r, data), "sessionDigest": sha384(k_session),
        "sessionIdentifier": expand(k_session, b"pquake session identifier" + b"\0" + sha384(b""), 48),
    }


def plain(value):
    """Octets as digits, everywhere."""
    if isinstance(value, bytes):
        return value.hex()
    if isinstance(value, dict):
        return {name: plain(one) for name, one in value.items()}
    return [plain(one) for one in value] if isinstance(value, list) else value


def check_values(case, m):
    stated = case["values"]
    secrets = [octets(stated[name]) for name in ("ss_e", "ss_i", "ss_r")]
    computed = plain(key_schedule(case["reading"], octets(case.get("ss_pre", "")), *secrets, m))
    same("names of the values", sorted(set(stated) - {"AD_i", "AD_r"}), sorted(computed))
    for name, value in computed.items():
        if isinstance(value, dict):
            same(f"names in {name}", sorted(stated[name]), sorted(value))
            for member, one in value.items():
                same(f"{name}.{member}", one, stated[name][member])
        else:
            same(name, value, stated[name])
    for one in case["exports"]:
        info = one["label"].encode("ascii") + b"\0" + sha384(octets(one["context"]))
        same("info of the export", info, octets(one["info"]))
        same("export", expand(octets(stated["k_session"]), info, one["length"]), octets(one["octets"]))


def check_identity(case, _):
    length = {"authority": 32, "peer": 64}[case["type"]]
    same("octets of the seed", len(octets(case["seed"])), length)
    octets(case["certificate"])


def check_primitive(case, _):
    def of(name):
        return octets(case[name])
    operation = case["operation"]
    if operation == "sha-384":
        same("digest", sha384(of("message")), of("digest"))
    elif operation == "hmac-sha-384":
        same("tag", mac(of("key"), of("message")), of("tag"))
    elif operation == "hkdf-sha-384.extract":
        same("PRK", mac(of("salt"), of("ikm")), of("prk"))
    elif operation == "hkdf-sha-384.expand":
        same("OKM", expand(of("prk"), of("info"), case["length"]), of("okm"))
    elif operation == "ml-kem-1024.keygen":  # FIPS 203, algorithm 16: dk = dk_PKE || ek || H(ek) || z
        ek, dk = of("encapsulationKey"), of("decapsulationKey")
        same("end of dk", dk[1536:], ek + hashlib.sha3_256(ek).digest() + of("seed")[32:])
    elif operation == "ml-kem-1024.encapsulate":
        ek = of("encapsulationKey")
        low = all(int.from_bytes(ek[at:at + 3], "little") & 0xFFF < 3329 and
                  int.from_bytes(ek[at:at + 3], "little") >> 12 < 3329 for at in range(0, min(1536, len(ek) - 2), 3))
        same("result of the type and modulus check", low and len(ek) == 1568, case["result"] == "accepted")
    elif operation not in ("ml-kem-1024.decapsulate", "ml-dsa-87.keygen", "ml-dsa-87.verify",
                           "aes-256-gcm.seal", "aes-256-gcm.open"):
        raise Wrong(f"unknown operation {operation}")


def check_codec(case, world):
    awaited = NAMES.index(case["awaited"]) + 1
    accepted = case["result"] == "accepted"
    whole = octets(case["octets"]) if accepted else changed(octets(world["codec"][case["of"]]["octets"]), case)
    code = header_code(whole, awaited) if len(whole) >= 4 else "wrong-length"
    if code is None and len(whole) != 4 + int.from_bytes(whole[2:4], "big"):
        code = "wrong-length"
    same("code", code, None if accepted else case["code"])
    if accepted:
        same("fields", plain(fields(awaited, whole[4:])), case["fields"])


def check_key_schedule(case, world):
    check_values(case, {one["type"]: octets(one["octets"]) for one in world["key-schedule messages"]})


def check_certificate(case, world):
    der = octets(case["certificate"])
    for anchor in case["trustAnchors"]:
        same(f"type of {anchor}", world["identities"][anchor]["type"], "authority")
    if case["result"] == "accepted" and octets(case["encapsulationKey"]) not in der:
        raise Wrong("the subject key is not in the certificate")
    if case["result"] not in ("accepted", "refused"):
        raise Wrong("neither accepted nor refused")


def messages_of(case):
    m = {}
    for one in case["messages"]:
        whole = octets(one["octets"])
        same(f"header of message {one['type']}", header_code(whole, one["type"]), None)
        same(f"length of message {one['type']}", len(whole), 4 + int.from_bytes(whole[2:4], "big"))
        m[one["type"]] = whole
    same("types of the messages", sorted(m), list(range(1, 9)))
    return m


def check_handshake(case, world):
    m = messages_of(case)
    check_values(case, m)
    values = case["values"]
    for name, kind in (("AD_i", 3), ("AD_r", 4)):
        bound = case["reading"]["associatedData"] == "header"
        same(name, m[kind][:4] if bound else b"", octets(values[name]))
    for name, kind in (("C_i", 7), ("C_r", 8)):
        same(f"data of message {kind}", m[kind][4:], octets(values[name]))
    for role, kind in (("initiator", 3), ("responder", 4)):
        side, own = case[role], world["identities"][case[role]["identity"]]
        same(f"length of message {kind}", len(m[kind]), 4 + 12 + len(octets(own["certificate"])) + 16)
        same(f"initial vector of message {kind}", m[kind][4:16], octets(side["coins"]["initialVector"]))
        for name, coin in side["coins"].items():
            same(f"coin {role}.{name}", derived(case["id"], f"{role}.{name}", len(octets(coin))), octets(coin))
    if "ss_pre" in case:
        same("octets of ss_pre, 32 to 128", 32 <= len(octets(case["ss_pre"])) <= 128, True)
        same("coin ss_pre", derived(case["id"], "ss_pre", len(octets(case["ss_pre"]))), octets(case["ss_pre"]))
    for kind, fresh in [(kind, m[kind]) for kind in (1, 2, 5, 6)] + [(kind, m[kind][4:16]) for kind in (3, 4)]:
        first = world.setdefault("fresh", {}).setdefault(fresh, case["id"])
        same(f"handshake that message {kind} is fresh in", first, case["id"])
    flights = [(one["from"][0], one["types"]) for one in case["flights"]]
    same("flights", flights, FLIGHTS[case["schedule"]])
    ends = {"status": "completed"}
    if case["initiator"]["identity"] == case["responder"]["identity"]:
        ends = {"status": "failed", "code": "own-certificate", "step": 4}
    same("outcome", case["outcome"], {"initiator": ends, "responder": ends})


def framing(case, base, world):
    """How a peer that only frames gets on: what it took, and (code, awaited type, number of the arrival) where it aborts."""
    waiting, stream, taken = list(AWAITED[case["role"]]), b"", {}
    for number, arrival in enumerate(case["arrivals"], 1):
        if "event" in arrival:
            return taken, stream, (arrival["event"], waiting[0], number)
        if "octets" in arrival:
            stream += octets(arrival["octets"])
        else:
            of = base if "of" not in arrival else world["handshakes"][arrival["of"]]
            stream += changed(messages_of(of)[arrival["message"]], arrival)
        while waiting and len(stream) >= 4:
            code = header_code(stream, waiting[0])
            if code:
                return taken, stream, (code, waiting[0], number)
            end = 4 + int.from_bytes(stream[2:4], "big")
            if len(stream) < end:
                break
            taken[waiting.pop(0)], stream = stream[:end], stream[end:]
    return taken, stream, None


def check_delivery(case, world):
    base, outcome, own = world["handshakes"][case["base"]], case["outcome"], case["role"]
    given = case.get("with", {})
    if "reading" in given:
        reading_of(given["reading"])
    m = messages_of(base)
    taken, rest, framed = framing(case, base, world)
    same("lists of what is sent", len(case["sends"]), len(case["arrivals"]) + 1)
    code = outcome.get("code")
    if framed:
        same("end by framing", ("failed", framed[0], STEP[framed[1]], framed[2]),
             (outcome["status"], code, outcome.get("step"), len(case["arrivals"])))
    elif code in FRAMING:
        raise Wrong(f"nothing in the framing is {code}")
    if given.get("ss_pre") and "ss_pre" in base:
        one_key = mac(octets(given["ss_pre"]), b"") == mac(octets(base["ss_pre"]), b"")
        same("same key of an HMAC", one_key, outcome["status"] == "completed")
    last, end = AWAITED[own][-1], "C_r" if own == "initiator" else "C_i"
    secrets_differ = any(taken.get(kind, m[kind]) != m[kind] for kind in AWAITED[own][:-1]) or "reading" in given
    if code == "wrong-confirmation" and not secrets_differ and taken[last][4:] == octets(base["values"][end]):
        raise Wrong("the confirmation value is the right one")
    if outcome["status"] == "completed" or code in ("unexpected-peer", "own-certificate", "trailing-octets"):
        for kind in AWAITED[own]:
            same(f"message {kind}", taken.get(kind), m[kind])
        same("messages sent", sorted(one["message"] for sent in case["sends"] for one in sent),
             [kind for kind in range(1, 9) if kind not in AWAITED[own]])
        same("octets behind refused", bool(rest) and given.get("afterwards") == "refuse", code == "trailing-octets")
    if code == "own-certificate":
        same("the identities", base["initiator"]["identity"], base["responder"]["identity"])
    for sent in (one for sends in case["sends"] for one in sends):
        if sent["message"] in AWAITED[own]:
            raise Wrong(f"sends message {sent['message']}, which it receives")
        if "octets" in sent:
            whole = octets(sent["octets"])
            same("header of what is sent", header_code(whole, sent["message"]), None)
            if whole == m[sent["message"]]:
                raise Wrong("octets stated that are those of the base")


def check_hedged(case, _):
    seed, ct_h, label = octets(case["seed"]), octets(case["ct_h"]), b"pquake hedged coins"
    same("ct_h", expand(mac(b"", label), b"ciphertext", 1568), ct_h)
    same("ss_h", hashlib.shake_256(seed[32:] + ct_h).digest(32), octets(case["ss_h"]))  # FIPS 203, algorithm 18: J(z || c)
    same("k_h", mac(octets(case["ss_h"]), octets(case["randomness"])), octets(case["k_h"]))
    name = f"{case['role']} {case['coin']}".encode("ascii")
    info = label + b"\0" + name + b"\0" + octets(case["bound"])
    length = {"ephemeralKey": 64, "initialVector": 12}.get(case["coin"], 32)
    same("length", length, case["length"])
    same("coin", expand(octets(case["k_h"]), info, length), octets(case["octets"]))


CHECKS = {"identities": check_identity, "primitives": check_primitive, "codec": check_codec,
          "key-schedule": check_key_schedule, "certificates": check_certificate, "handshakes": check_handshake,
          "deliveries": check_delivery, "channel": check_channel, "hedged": check_hedged}


def no_duplicates(pairs):
    if len({name for name, _ in pairs}) != len(pairs):
        raise Wrong("a name twice in one object")
    return dict(pairs)


def load(path):
    with open(path, encoding="ascii") as file:
        return json.load(file, object_pairs_hook=no_duplicates)


def check(what, function, failures):
    try:
        function()
    except Exception as error:  # whatever is wrong with a vector, its id is told and the others are checked too
        failures.append(f"{what}: {type(error).__name__ + ': ' if not isinstance(error, Wrong) else ''}{error}")


def main():
    default = pathlib.Path(__file__).resolve().parents[3] / "spec" / "vectors" / "v1"
    directory = pathlib.Path(sys.argv[1]) if len(sys.argv) > 1 else default
    failures, counts, seen = [], {}, set()
    index = load(directory / "index.json")
    files = {one["file"]: load(directory / one["file"]) for one in index["files"]}
    listed = {*files, "index.json", "vectors.schema.json"}
    for stray in sorted({path.name for path in directory.glob("*.json")} - listed):
        failures.append(f"{stray}: not in the index")
    world = {file["kind"]: {case["id"]: case for case in file["cases"]} for file in files.values()}
    world["key-schedule messages"] = next((f["messages"] for f in files.values() if f["kind"] == "key-schedule"), [])
    for entry in index["files"]:
        name, file = entry["file"], files[entry["file"]]
        digest = hashlib.sha256(canonical(file).encode("ascii")).hexdigest()
        check(name, lambda: same("digest", digest, entry["digest"]), failures)
        check(name, lambda: same("cases", len(file["cases"]), entry["cases"]), failures)
        check(name, lambda: same("kind", file["kind"], entry["kind"]), failures)
        if file["kind"] not in CHECKS:
            failures.append(f"{name}: unknown kind {file['kind']}")
            continue
        if not file["cases"]:
            failures.append(f"{name}: no cases")
        for case in file["cases"]:
            identity = case["id"]
            if identity in seen:
                failures.append(f"{identity}: twice")
            seen.add(identity)
            check(identity, lambda: same("version and draft", (case["version"], case["draft"]), (1, index["draft"])), failures)
            check(identity, lambda: CHECKS[file["kind"]](case, world), failures)
            counts[file["kind"]] = counts.get(file["kind"], 0) + 1
    for kind in CHECKS:
        if counts.get(kind, 0) == 0:
            failures.append(f"no {kind} were checked")
    for failure in failures:
        print(failure, file=sys.stderr)
    print(", ".join(f"{count} {kind}" for kind, count in counts.items()), end="")
    print(f": {len(failures)} failures" if failures else ": all as recomputed")
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
