-- Generated from spec/ by `npm run generate`. Do not edit.
-- PQuAKE version 1 (draft-uri-cfrg-pquake-00) over TCP, for Wireshark and tshark >= 3.6:
--   tshark -X lua_script:pquake.lua -r capture.pcapng -Y pquake
-- A connection is recognised by its first message; the preference pquake.ports, or Decode As, takes any port.
-- Nothing is decrypted: `pquake inspect --keylog` does that.

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
  behind = ProtoExpert.new("pquake.octets_behind", "octets behind the last message: the application's, or trailing-octets (section 4.1)", expert.group.SEQUENCE, expert.severity.NOTE),
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

-- Where the last message of each direction ended: octets behind it do not belong to the handshake.
local ended = {}
function pquake.init() ended = {} end

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

local function dissect(tvb, pinfo, tree)
  pinfo.cols.protocol = "PQuAKE"
  local direction = direction_of(pinfo)
  local offset, seen = 0, {}
  local function tell() pinfo.cols.info = table.concat(seen, ", ") end
  while offset < tvb:len() do
    local rest = tvb(offset):tvb()
    local behind = ended[direction]
    if behind and (pinfo.number > behind.frame or (pinfo.number == behind.frame and offset >= behind.offset)) then
      add_rest(rest, tree, fields.behind, "octets behind the last message", experts.behind)
      table.insert(seen, counted(rest:len()) .. " behind the last message")
      break
    end
    if rest(0, 1):uint() ~= version then
      add_rest(rest, tree, fields.unframed, "wrong version", experts.version)
      table.insert(seen, "wrong version")
      break
    end
    if rest:len() >= 2 and not messages[rest(1, 1):uint()] then
      add_rest(rest, tree, fields.unframed, "unknown type", experts.type)
      table.insert(seen, "unknown type")
      break
    end
    local wanted = header_octets
    if rest:len() >= header_octets then wanted = header_octets + rest(2, 2):uint() end
    if rest:len() < wanted then
      pinfo.desegment_offset = offset
      pinfo.desegment_len = rest:len() < header_octets and DESEGMENT_ONE_MORE_SEGMENT or wanted - rest:len()
      if #seen > 0 then tell() end
      return tvb:len()
    end
    local message = add_message(tvb(offset, wanted):tvb(), tree)
    table.insert(seen, message.title)
    offset = offset + wanted
    if message.last and not pinfo.visited then ended[direction] = { frame = pinfo.number, offset = offset } end
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
