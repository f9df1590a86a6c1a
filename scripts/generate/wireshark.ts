// A dissector for Wireshark, in Lua, from the messages of the specification.

import type { MessageSpec, Spec } from '../../src/lab/spec/spec.ts';
import { bounds, dataBounds } from './modules.ts';
import { channelExperts, channelFields, channelFraming } from './wiresharkChannel.ts';

const text = (value: string): string => JSON.stringify(value);
const filterOf = (symbol: string): string => `pquake.${symbol.toLowerCase()}`;
const variableOf = (symbol: string): string => symbol.toLowerCase();

/** Each symbol once: the IV stands in two messages. */
function fieldsOf(spec: Spec): string[] {
  const kindOf = new Map(spec.messages.flatMap(({ fields }) => fields.map(({ symbol, kind }) => [symbol, kind])));
  return [...kindOf].map(([symbol, kind]) => {
    const description = spec.kinds[kind]?.description ?? '';
    return `  ${variableOf(symbol)} = ProtoField.bytes(${text(filterOf(symbol))}, ${text(symbol)}, base.NONE, ${text(description)}),`;
  });
}

function row(spec: Spec, message: MessageSpec): string {
  const { type, title, sender, step, section, fields } = message;
  const { minimum, maximum } = dataBounds(spec, message);
  const parts = fields.map(({ symbol, kind }, index) => {
    const octets = index === fields.length - 1 ? 'nil' : bounds(spec, kind).maximum;
    return `{ field = fields.${variableOf(symbol)}, octets = ${octets} }`;
  });
  const last = !spec.messages.some((other) => other.sender === sender && other.type > type);
  return `  [${type}] = {
    title = ${text(title)}, sender = ${text(sender)}, step = ${step}, section = ${text(section)},
    minimum = ${minimum}, maximum = ${maximum}, last = ${last},
    fields = { ${parts.join(', ')} },
  },`;
}

const meaningOf = (spec: Spec, code: string): string => {
  const all = [
    ...spec.failures,
    ...spec.channel.failures.map((one) => ({ ...one, section: `${one.section} of channel.md` })),
  ];
  const found = all.find((one) => one.code === code);
  if (found === undefined) throw new Error(`the dissector names ${code}, which is no failure`);
  return text(`${code} (section ${found.section}): ${found.meaning}`);
};

/** spec/wireshark/pquake.lua, for Wireshark and tshark >= 3.6. */
export function wireshark(spec: Spec): string {
  const { name, version, draft, headerOctets } = spec.protocol;
  const firsts = (['initiator', 'responder'] as const).map((sender) =>
    Math.min(...spec.messages.filter((message) => message.sender === sender).map(({ type }) => type)),
  );
  return `-- Generated from spec/ by \`npm run generate\`. Do not edit.
-- ${name} version ${version} (${draft}) over TCP, for Wireshark and tshark >= 3.6:
--   tshark -X lua_script:pquake.lua -r capture.pcapng -Y pquake
-- A connection is recognised by its first message; the preference pquake.ports, or Decode As, takes any port.
-- Behind the last message it counts the commitments and records of a channel, and says where a direction that ended was cut.
-- Nothing is decrypted: Wireshark's Lua has no hash to derive keys with. \`pquake inspect --keylog\` decrypts.

local pquake = Proto("pquake", ${text(`${name}, a post-quantum authenticated key exchange`)})

local titles = {
${spec.messages.map(({ type, title }) => `  [${type}] = ${text(title)},`).join('\n')}
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
${channelFields}
${fieldsOf(spec).join('\n')}
}
for _, field in pairs(fields) do table.insert(pquake.fields, field) end

local experts = {
  version = ProtoExpert.new("pquake.wrong_version", ${meaningOf(spec, 'wrong-version')}, expert.group.MALFORMED, expert.severity.ERROR),
  type = ProtoExpert.new("pquake.unknown_type", ${meaningOf(spec, 'unexpected-message')}, expert.group.MALFORMED, expert.severity.ERROR),
  length = ProtoExpert.new("pquake.wrong_length", ${meaningOf(spec, 'wrong-length')}, expert.group.MALFORMED, expert.severity.ERROR),
  behind = ProtoExpert.new("pquake.octets_behind", ${text("octets behind the last message: a channel's, the application's, or trailing-octets (section 4.1)")}, expert.group.SEQUENCE, expert.severity.NOTE),
${channelExperts((code) => meaningOf(spec, code))}
}
for _, one in pairs(experts) do table.insert(pquake.experts, one) end

-- octets = nil: the rest of the data
local messages = {
${spec.messages.map((message) => row(spec, message)).join('\n')}
}

local header_octets = ${headerOctets}
local version = ${version}

${channelFraming(spec)}
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
  local item = tree:add(pquake, tvb(), ${text(`${name}, `)} .. message.title)
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
  local item = tree:add(pquake, tvb(), ${text(`${name}, `)} .. label)
  item:add(field, tvb()):add_proto_expert_info(expert_info)
end

local function add_record(tvb, tree, piece)
  local label = "record " .. piece.number .. " of the " .. piece.sender .. "'s channel"
  local item = tree:add(pquake, tvb(), ${text(`${name}, `)} .. label)
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
  local item = tree:add(pquake, tvb(), ${text(`${name}, commitment of the `)} .. piece.sender .. "'s channel")
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
  pinfo.cols.protocol = ${text(name)}
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
  if type ~= ${firsts[0]} and type ~= ${firsts[1]} then return false end
  if not fits(messages[type], tvb(2, 2):uint()) then return false end
  pinfo.conversation = pquake
  dissect(tvb, pinfo, tree)
  return true
end

pquake:register_heuristic("tcp", recognise)

-- The end of a connection carries no octets: only a postdissector sees it.
local ending = Proto("pquake_end", ${text(`${name}, the end of a direction`)})
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
  local item = tree:add(pquake, tvb(0, 0), ${text(`${name}, the end of the `)} .. found.sender .. "'s channel")
  item:add(fields.sender, found.sender):set_generated()
  item:add(fields.records, found.records):set_generated()
  local place = item:add(fields.stream_end, found.where):set_generated()
  if found.is_cut then place:add_proto_expert_info(experts.cut) end
end

register_postdissector(ending)

local ports = DissectorTable.get("tcp.port")
local registered = ""
pquake.prefs.ports = Pref.range("TCP ports", "", "ports on which every connection is taken for ${name}", 65535)
ports:add_for_decode_as(pquake)

function pquake.prefs_changed()
  if registered == pquake.prefs.ports then return end
  if registered ~= "" then ports:remove(registered, pquake) end
  registered = pquake.prefs.ports
  if registered ~= "" then ports:add(registered, pquake) end
end
`;
}
