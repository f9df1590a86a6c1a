// The part of the dissector that reads the channel behind a handshake: its framing, as no keys are at hand.

import type { Spec } from '../../src/lab/spec/spec.ts';

const text = (value: string): string => JSON.stringify(value);

/** Fields of the dissector for the channel, as members of its table of fields. */
export const channelFields = `  commitment = ProtoField.bytes("pquake.commitment", "Commitment"),
  record = ProtoField.uint32("pquake.record", "Record", base.DEC, nil, nil, "in its direction, from 1 on"),
  record_length = ProtoField.uint16("pquake.record.length", "Length"),
  record_inside = ProtoField.uint16("pquake.record.inside", "Octets of content and padding"),
  record_types = ProtoField.string("pquake.record.types", "Possible types"),
  record_sealed = ProtoField.bytes("pquake.record.sealed", "Sealed"),
  records = ProtoField.uint32("pquake.records", "Records until the end of the direction"),
  stream_end = ProtoField.string("pquake.end", "The direction ends"),`;

/** Experts of the dissector for the channel, as members of its table of experts. */
export const channelExperts = (
  meaningOf: (code: string) => string,
): string => `  record_length = ProtoExpert.new("pquake.record_length", ${meaningOf('record-length')}, expert.group.MALFORMED, expert.severity.ERROR),
  cut = ProtoExpert.new("pquake.cut", ${meaningOf('truncated')}, expert.group.SEQUENCE, expert.severity.WARN),`;

/** The types that a record without padding can be of, with no octets inside, or some. */
function typesOf({ channel }: Spec, sender: string, hasContent: boolean): string {
  const possible = channel.records.filter((one) => one.sender === 'both' || one.sender === sender);
  const names = possible.filter(({ minimum, maximum }) => (hasContent ? maximum > 0 : minimum === 0));
  return names.map(({ name }) => name).join(', ');
}

/** The framing of the channel in Lua. */
export function channelFraming(spec: Spec): string {
  const { length, commitment, leastLength, mostLength } = spec.channel.sizes;
  const types = (['initiator', 'responder'] as const).map(
    (sender) => `  ${sender} = {
    bare = ${text(typesOf(spec, sender, false))},
    filled = ${text(`${typesOf(spec, sender, true)}, or another type with padding`)},
  },`,
  );
  return `-- The channel behind a handshake (spec/channel.md), without its keys: commitments and sealed records.
local length_octets, commitment_octets, least_length, most_length = ${[length, commitment, leastLength, mostLength].join(', ')}
local bare_octets = length_octets + least_length

-- The types that a record of a sender can be of: with nothing inside but a type, and otherwise.
local types = {
${types.join('\n')}
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
`;
}
