#include "platform/raft/codec.hpp"

#include <type_traits>

namespace blackout::raft {

namespace {

constexpr std::uint8_t entry_kinds = 3;
constexpr std::uint8_t reject_bit = 1;
constexpr std::uint8_t transfer_bit = 2;  // in a heartbeat_response: promises
constexpr std::uint8_t disks_bit = 4;     // a disk other than the founding one is named
// What a member does, in a configuration's encoding. Before there were joint ones it knew the first
// two, and a configuration of members that learn and vote still means what it did.
constexpr std::uint8_t learns = 0;
constexpr std::uint8_t votes = 1;
constexpr std::uint8_t leaves = 2;  // votes until the change is made
// Term, kind, operation and payload length take at least a byte each.
constexpr std::size_t entry_bytes_min = 4;

// What a message and a log record say of an entry alike; its term as what it is more than `before`,
// modulo 2^64.
void encode_body(Writer& out, const Entry& entry, Term before = {}) {
  out.varint(entry.term.value() - before.value());
  out.u8(static_cast<std::uint8_t>(entry.kind));
  out.varint(entry.operation);
  out.blob(view_of(entry.payload));
}

bool decode_body(Reader& in, Entry& entry) {
  entry.term = Term(in.varint());
  const std::uint8_t kind = in.u8();
  entry.operation = in.varint();
  const BytesView payload = in.blob();
  if (!in.ok() || kind >= entry_kinds) return false;
  entry.kind = static_cast<EntryKind>(kind);
  entry.payload = Payload(payload);
  if (entry.kind != EntryKind::configuration) return true;
  Reader configuration(payload);
  return decode_configuration(configuration).has_value() && configuration.left() == 0;
}

// A node as its word: no_node is 0.
void encode_node(Writer& out, NodeId node) {
  out.varint(node == no_node ? 0 : node.value() + std::uint64_t{1});
}

bool decode_node(Reader& in, NodeId& node) {
  const std::uint64_t word = in.varint();
  if (word > no_node.value()) return false;
  node = word == 0 ? no_node : NodeId(static_cast<std::uint32_t>(word - 1));
  return true;
}

bool carries_chunk(MessageKind kind) {
  return kind == MessageKind::snapshot_request || kind == MessageKind::committed_snapshot;
}

void encode_chunk(Writer& out, const SnapshotChunk& chunk) {
  out.u64(chunk.chain_hash);
  out.varint(chunk.offset);
  out.varint(chunk.size);
  out.u64(chunk.checksum);
  out.blob(view_of(chunk.bytes));
}

bool decode_chunk(Reader& in, Message& message) {
  SnapshotChunk chunk;
  chunk.chain_hash = in.u64();
  chunk.offset = in.varint();
  chunk.size = in.varint();
  chunk.checksum = in.u64();
  chunk.bytes = Payload(in.blob());
  const std::uint64_t bytes = view_of(chunk.bytes).size();
  if (!in.ok() || chunk.offset > chunk.size || bytes > chunk.size - chunk.offset) return false;
  message.chunk = std::make_shared<const SnapshotChunk>(std::move(chunk));
  return true;
}

// The numbers of a message beside its nodes and disks, in the order of either encoding.
template <class AMessage, class Visit>
void visit_numbers(AMessage& message, Visit visit) {
  visit(message.term);
  visit(message.log_index);
  visit(message.log_term);
  visit(message.commit);
  visit(message.hint_index);
  visit(message.hint_term);
  visit(message.context);
  visit(message.released);
}

std::uint64_t word_of(std::uint64_t number) { return number; }
template <class Tag>
std::uint64_t word_of(Id<Tag, std::uint64_t> number) {
  return number.value();
}

void encode_numbers(Writer& out, const Message& message, Encoding encoding) {
  if (encoding == Encoding::plain) {
    visit_numbers(message, [&](const auto& number) { out.varint(word_of(number)); });
    return;
  }
  std::uint8_t present = 0;
  std::uint32_t place = 0;
  visit_numbers(message, [&](const auto& number) {
    if (word_of(number) != 0) present = static_cast<std::uint8_t>(present | (1u << place));
    ++place;
  });
  out.u8(present);
  visit_numbers(message, [&](const auto& number) {
    if (word_of(number) != 0) out.varint(word_of(number));
  });
}

void decode_numbers(Reader& in, Message& message, Encoding encoding) {
  std::uint8_t present = encoding == Encoding::plain ? 0xFF : in.u8();
  visit_numbers(message, [&](auto& number) {
    using Number = std::remove_reference_t<decltype(number)>;
    if ((present & 1) != 0) number = Number(in.varint());
    present = static_cast<std::uint8_t>(present >> 1);
  });
}

// What the terms of a message's entries are told from.
Term told_from(const Message& message, Encoding encoding) {
  return encoding == Encoding::plain ? Term() : message.log_term;
}

bool decode_into(Reader& in, Message& message, Encoding encoding) {
  const std::uint8_t kind = in.u8();
  const std::uint8_t bits = in.u8();
  if (kind >= message_kinds || bits > (reject_bit | transfer_bit | disks_bit)) return false;
  message.kind = static_cast<MessageKind>(kind);
  message.reject = (bits & reject_bit) != 0;
  const bool beats = message.kind == MessageKind::heartbeat_response;
  (beats ? message.promises : message.transfer) = (bits & transfer_bit) != 0;
  if (!decode_node(in, message.from) || !decode_node(in, message.to)) return false;
  if ((bits & disks_bit) != 0) {
    message.from_disk = DiskId(in.varint());
    message.to_disk = DiskId(in.varint());
  }
  decode_numbers(in, message, encoding);
  const std::uint64_t count = in.varint();
  if (!in.ok() || count > in.left() / entry_bytes_min) return false;
  message.entries.resize(count);
  Index index = message.log_index;
  Term before = told_from(message, encoding);
  for (Entry& entry : message.entries) {
    index = index + 1;
    entry.index = index;
    if (!decode_body(in, entry)) return false;
    if (encoding == Encoding::sparse) {
      entry.term = entry.term + before.value();
      before = entry.term;
    }
  }
  return !carries_chunk(message.kind) || decode_chunk(in, message);
}

}  // namespace

void encode(Writer& out, const Message& message, Encoding encoding) {
  out.u8(static_cast<std::uint8_t>(message.kind));
  const bool disks = message.from_disk != founding_disk || message.to_disk != founding_disk;
  out.u8(static_cast<std::uint8_t>((message.reject ? reject_bit : 0) |
                                   (message.transfer || message.promises ? transfer_bit : 0) |
                                   (disks ? disks_bit : 0)));
  encode_node(out, message.from);
  encode_node(out, message.to);
  if (disks) {
    out.varint(message.from_disk.value());
    out.varint(message.to_disk.value());
  }
  encode_numbers(out, message, encoding);
  out.varint(message.entries.size());
  Term before = told_from(message, encoding);
  for (const Entry& entry : message.entries) {
    encode_body(out, entry, before);
    if (encoding == Encoding::sparse) before = entry.term;
  }
  if (carries_chunk(message.kind)) encode_chunk(out, *message.chunk);
}

std::optional<Message> decode_message(Reader& in, Encoding encoding) {
  std::optional<Message> message(std::in_place);
  if (!decode_into(in, *message, encoding)) message.reset();
  return message;
}

void encode(Writer& out, const Entry& entry) {
  out.varint(entry.index.value());
  encode_body(out, entry);
}

std::optional<Entry> decode_entry(Reader& in) {
  Entry entry;
  entry.index = Index(in.varint());
  if (!decode_body(in, entry)) return std::nullopt;
  return entry;
}

void encode(Writer& out, const HardState& state) {
  out.varint(state.term.value());
  encode_node(out, state.vote);
  out.varint(state.vote_disk.value());
}

std::optional<HardState> decode_hard_state(Reader& in) {
  HardState state;
  state.term = Term(in.varint());
  const bool known = decode_node(in, state.vote);
  state.vote_disk = DiskId(in.varint());
  if (!known || !in.ok()) return std::nullopt;
  return state;
}

void encode(Writer& out, const Configuration& configuration) {
  if (configuration.joint()) out.varint(0);
  out.varint(configuration.members().size());
  for (const Member& member : configuration.members()) {
    encode_node(out, member.id.node);
    out.varint(member.id.disk.value());
    out.u8(!member.votes ? learns : member.next ? votes : leaves);
  }
}

std::optional<Configuration> decode_configuration(Reader& in) {
  std::uint64_t count = in.varint();
  const bool joint = count == 0;
  if (joint) count = in.varint();
  if (count > Configuration::members_max) return std::nullopt;
  std::vector<Member> members(count);
  for (Member& member : members) {
    const bool known = decode_node(in, member.id.node);
    member.id.disk = DiskId(in.varint());
    const std::uint8_t role = in.u8();
    if (!known || role > leaves) return std::nullopt;
    member.votes = role != learns;
    member.next = role != leaves;
  }
  if (!in.ok() || !Configuration::valid(members, joint)) return std::nullopt;
  return Configuration(std::move(members), joint);
}

Payload pack(const Configuration& configuration, BytesView state) {
  Bytes bytes;
  Writer out(bytes);
  encode(out, configuration);
  out.raw(state);
  return Payload(bytes);
}

std::optional<Unpacked> unpack(BytesView snapshot) {
  Reader in(snapshot);
  auto configuration = decode_configuration(in);
  if (!configuration) return std::nullopt;
  return Unpacked{std::move(*configuration), in.raw(in.left())};
}

}  // namespace blackout::raft
