-- Generated from spec/ by `npm run generate`. Do not edit.
-- PQuAKE version 1 (draft-uri-cfrg-pquake-00) over TCP, for Wireshark and tshark >= 3.6:
--   tshark -X lua_script:pquake.lua -r capture.pcapng -Y pquake
-- A connection is recognised by its first message; the preference pquake.ports, or Decode As, takes any port.
-- Behind the last message it counts the commitments and records of a channel, and says where a direction that ended was cut.
-- Nothing is decrypted: Wireshark's Lua has no hash to derive keys with. `pquake inspect --keylog` decrypts.

local pquake = Proto("pquake", "PQuAKE, a post-quantum authenticated key exchange")

local titles = {
  [1] = "Initiator Hello",
  [2] = "Responder Hello",
  [3] = "Certificate Exchange (initiator)",
  [4] = "Certificate Exchange (responder)",
  [5] = "Encapsulation (initiator)",
  [6] = "Encapsulation (responder)",
  [7] = "Key Confirmation (initiator)",
  [8] = "Key Confirmation (responder)",
}

local fields = {
  version = ProtoField.uint8("pquake.version", "Version"),
  type = ProtoField.uint8("pquake.type", "Type", base.DEC, titles),
  length = ProtoField.uint16("pquake.length", "Length", base.DEC, nil, nil, "octets of the data"),
  sender = ProtoField.string("pquake.sender", "Sender"),
  step = ProtoField.uint8("pquake.step", "Step"),
  data = ProtoField.bytes("pquake.data", "Data that does not have the length of its type"),
  behind = ProtoField.bytes("pquake.behind", "Octets behind the last message"),
  unframed = ProtoField.bytes("pquake.unframed", "Octets that are no message"),
  commitment = ProtoField.bytes("pquake.commitment", "Commitment"),
  record = ProtoField.uint32("pquake.record", "Record", base.DEC, nil, nil, "in its direction, from 1 on"),
  record_length = ProtoField.uint16("pquake.record.length", "Length"),
  record_inside = ProtoField.uint16("pquake.record.inside", "Octets of content and padding"),
  record_types = ProtoField.string("pquake.record.types", "Possible types"),
  record_sealed = ProtoField.bytes("pquake.record.sealed", "Sealed"),
  records = ProtoField.uint32("pquake.records", "Records until the end of the direction"),
  stream_end = ProtoField.string("pquake.end", "The direction ends"),
  pk_e = ProtoField.bytes("pquake.pk_e", "pk_e", base.NONE, "ML-KEM encapsulation (public) key"),
  ct_e = ProtoField.bytes("pquake.ct_e", "ct_e", base.NONE, "ML-KEM ciphertext"),
  iv = ProtoField.bytes("pquake.iv", "IV", base.NONE, "AES-256-GCM initial vector"),
  e_cert_i = ProtoField.bytes("pquake.e_cert_i", "e_cert_i", base.NONE, "AES-256-GCM ciphertext of a certificate and its tag (16)"),
  e_cert_r = ProtoField.bytes("pquake.e_cert_r", "e_cert_r", base.NONE, "AES-256-GCM ciphertext of a certificate and its tag (16)"),
  ct_i = ProtoField.bytes("pquake.ct_i", "ct_i", base.NONE, "ML-KEM ciphertext"),
  ct_r = ProtoField.bytes("pquake.ct_r", "ct_r", base.NONE, "ML-KEM ciphertext"),
  c_i = ProtoField.bytes("pquake.c_i", "C_i", base.NONE, "HMAC-SHA-384 value"),
  c_r = ProtoField.bytes("pquake.c_r", "C_r", base.NONE, "HMAC-SHA-384 value"),
}
for _, field in pairs(fields) do table.insert(pquake.fields, field) end

local experts = {
  version = ProtoExpert.new("pquake.wrong_version", "wrong-version (section 4.1): the version octet of a message is not 1", expert.group.MALFORMED, expert.severity.ERROR),
  type = ProtoExpert.new("pquake.unknown_type", "unexpected-message (section 3): the type of a message is not the one awaited: unknown, out of order, repeated, or of the own role", expert.group.MALFORMED, expert.severity.ERROR),
  length = ProtoExpert.new("pquake.wrong_length", "wrong-length (section 4.1): the length of a message is not the one its type has", expert.group.MALFORMED, expert.severity.ERROR),
  behind = ProtoExpert.new("pquake.octets_behind", "octets behind the last message: a channel's, the application's, or trailing-octets (section 4.1)", expert.group.SEQUENCE, expert.severity.NOTE),
  record_length = ProtoExpert.new("pquake.record_length", "record-length (section 2 of channel.md): the length of a record is not one that a record can have", expert.group.MALFORMED, expert.severity.ERROR),
  cut = ProtoExpert.new("pquake.cut", "truncated (section 2 of channel.md): the connection ended before the peer closed its direction: octets may be missing", expert.group.SEQUENCE, expert.severity.WARN),
}
for _, one in pairs(experts) do table.insert(pquake.experts, one) end

-- octets = nil: the rest of the data
local messages = {
  [1] = {
    title = "Initiator Hello", sender = "initiator", step = 1, section = "4.2.1",
    minimum = 1568, maximum = 1568, last = false,
    fields = { { field = fields.pk_e, octets = nil } },
  },
  [2] = {
    title = "Responder Hello", sender = "responder", step = 1, section = "4.2.2",
    minimum = 1568, maximum = 1568, last = false,
    fields = { { field = fields.ct_e, octets = nil } },
  },
  [3] = {
    title = "Certificate Exchange (initiator)", sender = "initiator", step = 1, section = "4.3",
    minimum = 29, maximum = 65535, last = false,
    fields = { { field = fields.iv, octets = 12 }, { field = fields.e_cert_i, octets = nil } },
  },
  [4] = {
    title = "Certificate Exchange (responder)", sender = "responder", step = 1, section = "4.3",
    minimum = 29, maximum = 65535, last = false,
    fields = { { field = fields.iv, octets = 12 }, { field = fields.e_cert_r, octets = nil } },
  },
  [5] = {
    title = "Encapsulation (initiator)", sender = "initiator", step = 2, section = "4.5",
    minimum = 1568, maximum = 1568, last = false,
    fields = { { field = fields.ct_i, octets = nil } },
  },
  [6] = {
    title = "Encapsulation (responder)", sender = "responder", step = 2, section = "4.5",
    minimum = 1568, maximum = 1568, last = false,
    fields = { { field = fields.ct_r, octets = nil } },
  },
  [7] = {
    title = "Key Confirmation (initiator)", sender = "initiator", step = 4, section = "4.6",
    minimum = 48, maximum = 48, last = true,
    fields = { { field = fields.c_i, octets = nil } },
  },
  [8] = {
    title = "Key Confirmation (responder)", sender = "responder", step = 4, section = "4.6",
    minimum = 48, maximum = 48, last = true,
    fields = { { field = fields.c_r, octets = nil } },
  },
}

local header_octets = 4
local version = 1

-- The channel behind a handshake (spec/channel.md), without its keys: commitments and sealed records.
local length_octets, commitment_octets, least_length, most_length = 2, 32, 17, 16401
local bare_octets = length_octets + least_length

-- The types that a record of a sender can be of: with nothing inside but a type, and otherwise.
local types = {
  initiator = {
    bare = "data, close, ratchet, switch",
    filled = "data, handshake, or another type with padding",
  },
  responder = {
    bare = "data, close, ratchet, request, switch",
    filled = "data, handshake, or another type with padding",
  },
}

-- What stands behind the last message of each direction, and where that has got to; the pieces found there, for later passes.
local streams, pieces = {}, {}

local function begin_stream(direction, sender)
  streams[direction] = { sender = sender, stage = "commitment", have = 0, records = 0 }
  pieces[direction] = {}
end

-- The octets of the record here, its length counted in; or nil, and "cut" or "refused", and the octets if they are known.
local function record_at(rest, at)
  local there = rest:len() - at
  if there < length_octets then return nil, "cut" end
  local length = rest(at, length_octets):uint()
  if length < least_length or length > most_length then return nil, "refused" end
  local octets = length_octets + length
  if there < octets then return nil, "cut", octets end
  return octets
end

-- So many records that frame are no coincidence.
local ahead = 8

-- How octets frame from here on: "whole", to the end of a record and of what has come, or so many records ahead; "cut", or "refused".
-- With is_last no further commitment is looked for.
local fit_behind_commitment
local function fit(rest, at, records, is_last)
  if records == ahead then return "whole" end
  if at == rest:len() then return records > 0 and "whole" or "cut" end
  local octets, why = record_at(rest, at)
  if not octets then return why end
  local plain = fit(rest, at + octets, records + 1, is_last)
  if plain == "whole" or is_last or octets ~= bare_octets then return plain end
  local switched = fit_behind_commitment(rest, at + octets, records + 1, true)
  return (switched == "whole" or plain == "refused") and switched or plain
end

fit_behind_commitment = function(rest, at, records, is_last)
  if rest:len() - at < commitment_octets then return "cut" end
  return fit(rest, at + commitment_octets, records, is_last)
end

local function take_commitment(stream, rest)
  local octets = math.min(commitment_octets - stream.have, rest:len())
  local is_told = stream.records > 0 or rest:len() - octets >= length_octets
  if stream.records == 0 and is_told and select(2, record_at(rest, octets)) == "refused" then
    stream.stage = "others"
    return { kind = "others", octets = rest:len() }
  end
  stream.have = stream.have + octets
  if stream.have == commitment_octets then stream.stage, stream.is_committed = "records", true end
  return { kind = "commitment", octets = octets, is_told = is_told }
end

-- Behind a record that can be a switch: true for a commitment, false for a record, nil as long as both are possible.
local function is_switched(rest)
  local plain = fit(rest, 0, 0)
  if plain == "whole" then return false end
  local switched = fit_behind_commitment(rest, 0, 0)
  if switched == "refused" then return false end
  if switched == "whole" or plain == "refused" then return true end
  return nil
end

-- Where the first record begins that is not whole, or whose kind is not told, and how many octets to wait for; nil where there is none.
local function first_gap(rest, is_bare)
  local at = 0
  while at < rest:len() do
    local switched = is_bare and is_switched(rest(at):tvb())
    if switched == nil then return at, DESEGMENT_ONE_MORE_SEGMENT end
    if switched then at = math.min(at + commitment_octets, rest:len()) end
    local octets, why, wanted = record_at(rest, at)
    if not octets then
      if why == "refused" or at == rest:len() then return nil end
      return at, wanted and at + wanted - rest:len() or DESEGMENT_ONE_MORE_SEGMENT
    end
    at, is_bare = at + octets, octets == bare_octets
  end
end

-- How many octets to wait for before any is taken: when a piece behind the first octets that came is still to come, Wireshark hands out
-- all of them again.
local function gap_in(stream, rest)
  local at, more = first_gap(rest, true)
  local waited = stream.waited or 0
  stream.waited = at and at <= waited and rest:len() or nil
  return stream.waited and more
end

local function take_record(stream, rest)
  if stream.is_bare then
    local more = gap_in(stream, rest)
    if more then
      stream.waits = "within a record or a commitment"
      return { kind = "wait", more = more }
    end
    if is_switched(rest) then
      stream.stage, stream.have, stream.is_bare, stream.waits = "commitment", 0, false, nil
      return take_commitment(stream, rest)
    end
  end
  local octets, why, wanted = record_at(rest, 0)
  if octets then
    stream.records, stream.is_bare = stream.records + 1, octets == bare_octets
    stream.is_committed, stream.waits = false, nil
    return { kind = "record", octets = octets, number = stream.records }
  end
  if why == "refused" then
    stream.stage = stream.records == 0 and "others" or "unframed"
    return { kind = stream.stage, octets = rest:len() }
  end
  stream.waits = "within record " .. stream.records + 1
  return { kind = "wait", more = wanted and wanted - rest:len() or DESEGMENT_ONE_MORE_SEGMENT }
end

local function next_piece(stream, rest)
  if stream.stage == "commitment" then return take_commitment(stream, rest) end
  if stream.stage == "records" then return take_record(stream, rest) end
  return { kind = stream.stage, octets = rest:len() }
end

-- The piece that begins here behind the handshake; nil within it. A piece is known by its frame and its first octets.
local function piece_of(direction, pinfo, rest)
  local stream, known = streams[direction], pieces[direction]
  if not stream then return nil end
  local name = pinfo.number .. " " .. rest:raw(0, math.min(rest:len(), commitment_octets + length_octets))
  if not pinfo.visited then
    known[name] = next_piece(stream, rest)
    known[name].sender = stream.sender
  end
  return known[name]
end

-- Where a direction ends, and whether octets are missing there; nil where no channel was seen.
local function end_of(stream)
  if stream.stage == "others" or stream.stage == "unframed" then return nil end
  if stream.stage == "commitment" then
    if stream.records == 0 and stream.have == 0 then return nil end
    return "within a commitment", true
  end
  if stream.waits then return stream.waits, true end
  if stream.is_committed then return "behind a commitment: close is missing", true end
  if stream.is_bare then return "behind a whole record that may be close", false end
  return "behind a whole record that is no close unless it has padding", false
end

-- Packets in which a direction ends.
local ends = {}
function pquake.init() streams, pieces, ends = {}, {}, {} end

local tcp_stream = Field.new("tcp.stream")

local function direction_of(pinfo)
  local stream = tcp_stream()
  return (stream and tostring(stream.value) or "") .. " " .. tostring(pinfo.src) .. " " .. pinfo.src_port
end

local function counted(octets) return octets .. (octets == 1 and " octet" or " octets") end

local function fits(message, length) return length >= message.minimum and length <= message.maximum end

local function add_fields(tree, message, data)
  local offset = 0
  for _, part in ipairs(message.fields) do
    local octets = part.octets or (data:len() - offset)
    tree:add(part.field, data:range(offset, octets))
    offset = offset + octets
  end
end

-- One complete message: its tree, and its title.
local function add_message(tvb, tree)
  local type, length = tvb(1, 1):uint(), tvb(2, 2):uint()
  local message = messages[type]
  local item = tree:add(pquake, tvb(), "PQuAKE, " .. message.title)
  item:add(fields.version, tvb(0, 1))
  item:add(fields.type, tvb(1, 1))
  local length_item = item:add(fields.length, tvb(2, 2))
  item:add(fields.sender, message.sender):set_generated()
  item:add(fields.step, message.step):set_generated()
  if fits(message, length) then
    add_fields(item, message, tvb:range(header_octets))
  else
    length_item:add_proto_expert_info(experts.length)
    if length > 0 then item:add(fields.data, tvb:range(header_octets)) end
  end
  return message
end

local function add_rest(tvb, tree, field, label, expert_info)
  local item = tree:add(pquake, tvb(), "PQuAKE, " .. label)
  item:add(field, tvb()):add_proto_expert_info(expert_info)
end

local function add_record(tvb, tree, piece)
  local label = "record " .. piece.number .. " of the " .. piece.sender .. "'s channel"
  local item = tree:add(pquake, tvb(), "PQuAKE, " .. label)
  local inside = tvb:len() - bare_octets
  item:add(fields.record, piece.number):set_generated()
  item:add(fields.sender, piece.sender):set_generated()
  item:add(fields.record_length, tvb(0, length_octets))
  item:add(fields.record_inside, inside):set_generated()
  item:add(fields.record_types, types[piece.sender][inside == 0 and "bare" or "filled"]):set_generated()
  item:add(fields.record_sealed, tvb(length_octets))
  return "record " .. piece.number
end

local function add_commitment(tvb, tree, piece)
  local item = tree:add(pquake, tvb(), "PQuAKE, commitment of the " .. piece.sender .. "'s channel")
  item:add(fields.sender, piece.sender):set_generated()
  local octets = item:add(fields.commitment, tvb())
  if not piece.is_told then octets:add_proto_expert_info(experts.behind) end
  return "commitment"
end

-- A piece behind the handshake: its tree, and its title.
local function add_piece(tvb, tree, piece)
  if piece.kind == "record" then return add_record(tvb, tree, piece) end
  if piece.kind == "commitment" then return add_commitment(tvb, tree, piece) end
  if piece.kind == "unframed" then
    add_rest(tvb, tree, fields.unframed, "octets that are no record", experts.record_length)
    return "a length that no record has"
  end
  add_rest(tvb, tree, fields.behind, "octets behind the last message", experts.behind)
  return counted(tvb:len()) .. " behind the last message"
end

-- One complete message, or the rest of the stream where none begins: its octets, and its title; nil, and the octets to wait for.
local function add_next(rest, tree)
  if rest(0, 1):uint() ~= version then
    add_rest(rest, tree, fields.unframed, "wrong version", experts.version)
    return rest:len(), "wrong version"
  end
  if rest:len() >= 2 and not messages[rest(1, 1):uint()] then
    add_rest(rest, tree, fields.unframed, "unknown type", experts.type)
    return rest:len(), "unknown type"
  end
  if rest:len() < header_octets then return nil, DESEGMENT_ONE_MORE_SEGMENT end
  local wanted = header_octets + rest(2, 2):uint()
  if rest:len() < wanted then return nil, wanted - rest:len() end
  local message = add_message(rest(0, wanted):tvb(), tree)
  return wanted, message.title, message
end

local function dissect(tvb, pinfo, tree)
  pinfo.cols.protocol = "PQuAKE"
  local direction = direction_of(pinfo)
  local offset, seen = 0, {}
  local function tell() pinfo.cols.info = table.concat(seen, ", ") end
  local function wait(more)
    pinfo.desegment_offset, pinfo.desegment_len = offset, more
    if #seen > 0 then tell() end
    return tvb:len()
  end
  while offset < tvb:len() do
    local rest = tvb(offset):tvb()
    local piece = piece_of(direction, pinfo, rest)
    local octets, title, message
    if not piece then octets, title, message = add_next(rest, tree)
    elseif piece.kind == "wait" then title = piece.more
    else octets, title = piece.octets, add_piece(rest(0, piece.octets):tvb(), tree, piece) end
    if not octets then return wait(title) end
    table.insert(seen, title)
    offset = offset + octets
    if message and message.last and not pinfo.visited then begin_stream(direction, message.sender) end
  end
  tell()
  return tvb:len()
end

function pquake.dissector(tvb, pinfo, tree) return dissect(tvb, pinfo, tree) end

-- The first message of either peer, with exactly its length.
local function recognise(tvb, pinfo, tree)
  if tvb:len() < header_octets or tvb(0, 1):uint() ~= version then return false end
  local type = tvb(1, 1):uint()
  if type ~= 1 and type ~= 2 then return false end
  if not fits(messages[type], tvb(2, 2):uint()) then return false end
  pinfo.conversation = pquake
  dissect(tvb, pinfo, tree)
  return true
end

pquake:register_heuristic("tcp", recognise)

-- The end of a connection carries no octets: only a postdissector sees it.
local ending = Proto("pquake_end", "PQuAKE, the end of a direction")
local fin, reset = Field.new("tcp.flags.fin"), Field.new("tcp.flags.reset")

local function has_end()
  local finished, broken = fin(), reset()
  return (finished and finished.value) or (broken and broken.value)
end

function ending.dissector(tvb, pinfo, tree)
  local stream = streams[direction_of(pinfo)]
  if stream and not pinfo.visited and not stream.is_over and has_end() then
    local where, is_cut = end_of(stream)
    stream.is_over = true
    ends[pinfo.number] = where and { where = where, is_cut = is_cut, sender = stream.sender, records = stream.records }
  end
  local found = ends[pinfo.number]
  if not found then return end
  local item = tree:add(pquake, tvb(0, 0), "PQuAKE, the end of the " .. found.sender .. "'s channel")
  item:add(fields.sender, found.sender):set_generated()
  item:add(fields.records, found.records):set_generated()
  local place = item:add(fields.stream_end, found.where):set_generated()
  if found.is_cut then place:add_proto_expert_info(experts.cut) end
end

register_postdissector(ending)

local ports = DissectorTable.get("tcp.port")
local registered = ""
pquake.prefs.ports = Pref.range("TCP ports", "", "ports on which every connection is taken for PQuAKE", 65535)
ports:add_for_decode_as(pquake)

function pquake.prefs_changed()
  if registered == pquake.prefs.ports then return end
  if registered ~= "" then ports:remove(registered, pquake) end
  registered = pquake.prefs.ports
  if registered ~= "" then ports:add(registered, pquake) end
end
