#include "harness/system/libraft/wire.hpp"

#include <cstring>
#include <string>

namespace blackout::system::libraft {
namespace {

Bytes copy(BytesView view) { return {view.begin(), view.end()}; }

BytesView view_of(const raft_buffer& buffer) {
  return {static_cast<const std::uint8_t*>(buffer.base), buffer.len};
}

void encode_entries(Writer& writer, const raft_append_entries& message) {
  writer.varint(message.term);
  writer.varint(message.prev_log_index);
  writer.varint(message.prev_log_term);
  writer.varint(message.leader_commit);
  writer.varint(message.n_entries);
  for (unsigned i = 0; i < message.n_entries; ++i) {
    const raft_entry& entry = message.entries[i];
    writer.varint(entry.term);
    writer.u8(static_cast<std::uint8_t>(entry.type));
    writer.blob(view_of(entry.buf));
  }
}

// All entries' data lie in one block.
bool decode_entries(Reader& reader, raft_append_entries& message) {
  message.term = reader.varint();
  message.prev_log_index = reader.varint();
  message.prev_log_term = reader.varint();
  message.leader_commit = reader.varint();
  const std::uint64_t count = reader.varint();
  message.entries = nullptr;
  message.n_entries = static_cast<unsigned>(count);
  if (!reader.ok() || count > reader.left()) return false;
  if (count == 0) return reader.left() == 0;
  message.entries = static_cast<raft_entry*>(raft_calloc(count, sizeof(raft_entry)));
  auto* batch = static_cast<std::uint8_t*>(raft_malloc(reader.left()));
  for (unsigned i = 0; i < count; ++i) {
    raft_entry& entry = message.entries[i];
    entry.term = reader.varint();
    entry.type = reader.u8();
    const BytesView data = reader.blob();
    if (!reader.ok()) return false;
    entry.buf = {batch, data.size()};
    entry.batch = message.entries[0].buf.base;
    if (!data.empty()) std::memcpy(batch, data.data(), data.size());
    batch += data.size();
  }
  return reader.left() == 0;
}

void encode_snapshot(Writer& writer, const raft_install_snapshot& message) {
  writer.varint(message.term);
  writer.varint(message.last_index);
  writer.varint(message.last_term);
  writer.varint(message.conf_index);
  writer.varint(message.conf.n);
  for (unsigned i = 0; i < message.conf.n; ++i) {
    writer.varint(message.conf.servers[i].id);
    writer.text(message.conf.servers[i].address);
    writer.u8(static_cast<std::uint8_t>(message.conf.servers[i].role));
  }
  writer.blob(view_of(message.data));
}

bool decode_snapshot(Reader& reader, raft_install_snapshot& message) {
  message.term = reader.varint();
  message.last_index = reader.varint();
  message.last_term = reader.varint();
  message.conf_index = reader.varint();
  const std::uint64_t servers = reader.varint();
  raft_configuration_init(&message.conf);
  for (std::uint64_t i = 0; i < servers && reader.ok(); ++i) {
    const std::uint64_t id = reader.varint();
    const std::string address = reader.text();
    const int role = reader.u8();
    if (raft_configuration_add(&message.conf, id, address.c_str(), role) != 0) return false;
  }
  const BytesView data = reader.blob();
  if (!reader.ok() || reader.left() != 0) return false;
  message.data = {raft_malloc(data.size() + 1), data.size()};
  if (!data.empty()) std::memcpy(message.data.base, data.data(), data.size());
  return true;
}

void encode_vote(Writer& writer, const raft_request_vote& message) {
  writer.varint(message.term);
  writer.varint(message.candidate_id);
  writer.varint(message.last_log_index);
  writer.varint(message.last_log_term);
  writer.u8(
      static_cast<std::uint8_t>((message.disrupt_leader ? 1 : 0) | (message.pre_vote ? 2 : 0)));
}

void decode_vote(Reader& reader, raft_request_vote& message) {
  message.term = reader.varint();
  message.candidate_id = reader.varint();
  message.last_log_index = reader.varint();
  message.last_log_term = reader.varint();
  const std::uint8_t flags = reader.u8();
  message.disrupt_leader = (flags & 1) != 0;
  message.pre_vote = (flags & 2) != 0;
}

}  // namespace

std::optional<Channel> channel_of(BytesView message) {
  if (message.empty() || message[0] < static_cast<std::uint8_t>(Channel::raft) ||
      message[0] > static_cast<std::uint8_t>(Channel::reply)) {
    return std::nullopt;
  }
  return static_cast<Channel>(message[0]);
}

Bytes encode(const Request& request) {
  Bytes out;
  Writer writer(out);
  writer.u8(static_cast<std::uint8_t>(Channel::request));
  writer.varint(request.call);
  writer.varint(request.shard.value());
  writer.u8(static_cast<std::uint8_t>(request.kind));
  writer.varint(request.operation.value());
  writer.blob(request.body);
  return out;
}

Bytes encode(const Reply& reply) {
  Bytes out;
  Writer writer(out);
  writer.u8(static_cast<std::uint8_t>(Channel::reply));
  writer.varint(reply.call);
  writer.u8(static_cast<std::uint8_t>(reply.status));
  writer.u32(reply.leader.value());
  writer.blob(reply.body);
  return out;
}

std::optional<Request> decode_request(BytesView message) {
  Reader reader(message);
  reader.u8();
  Request request;
  request.call = reader.varint();
  const std::uint64_t shard = reader.varint();
  const std::uint8_t kind = reader.u8();
  request.operation = OperationId(reader.varint());
  request.body = copy(reader.blob());
  if (!reader.ok() || reader.left() != 0 || shard >= no_shard.value() ||
      kind > static_cast<std::uint8_t>(RequestKind::role)) {
    return std::nullopt;
  }
  request.shard = ShardId(static_cast<std::uint32_t>(shard));
  request.kind = static_cast<RequestKind>(kind);
  return request;
}

std::optional<Reply> decode_reply(BytesView message) {
  Reader reader(message);
  reader.u8();
  Reply reply;
  reply.call = reader.varint();
  const std::uint8_t status = reader.u8();
  reply.leader = NodeId(reader.u32());
  reply.body = copy(reader.blob());
  if (!reader.ok() || reader.left() != 0 || status > static_cast<std::uint8_t>(Status::unknown)) {
    return std::nullopt;
  }
  reply.status = static_cast<Status>(status);
  return reply;
}

Bytes encode(ShardId shard, const raft_message& message) {
  Bytes out;
  Writer writer(out);
  writer.varint(shard.value());
  writer.u8(static_cast<std::uint8_t>(message.type));
  switch (message.type) {
    case RAFT_IO_APPEND_ENTRIES:
      encode_entries(writer, message.append_entries);
      break;
    case RAFT_IO_APPEND_ENTRIES_RESULT:
      writer.varint(message.append_entries_result.term);
      writer.varint(message.append_entries_result.rejected);
      writer.varint(message.append_entries_result.last_log_index);
      break;
    case RAFT_IO_REQUEST_VOTE:
      encode_vote(writer, message.request_vote);
      break;
    case RAFT_IO_REQUEST_VOTE_RESULT:
      writer.varint(message.request_vote_result.term);
      writer.u8(message.request_vote_result.vote_granted ? 1 : 0);
      writer.u8(static_cast<std::uint8_t>(message.request_vote_result.pre_vote));
      break;
    case RAFT_IO_INSTALL_SNAPSHOT:
      encode_snapshot(writer, message.install_snapshot);
      break;
    default:
      writer.varint(message.timeout_now.term);
      writer.varint(message.timeout_now.last_log_index);
      writer.varint(message.timeout_now.last_log_term);
      break;
  }
  return out;
}

std::optional<ShardId> decode_shard(Reader& reader) {
  const std::uint64_t shard = reader.varint();
  if (!reader.ok() || shard >= no_shard.value()) return std::nullopt;
  return ShardId(static_cast<std::uint32_t>(shard));
}

bool decode(Reader& reader, raft_message& message) {
  message.type = reader.u8();
  switch (message.type) {
    case RAFT_IO_APPEND_ENTRIES:
      return decode_entries(reader, message.append_entries);
    case RAFT_IO_APPEND_ENTRIES_RESULT:
      message.append_entries_result.term = reader.varint();
      message.append_entries_result.rejected = reader.varint();
      message.append_entries_result.last_log_index = reader.varint();
      break;
    case RAFT_IO_REQUEST_VOTE:
      decode_vote(reader, message.request_vote);
      break;
    case RAFT_IO_REQUEST_VOTE_RESULT:
      message.request_vote_result.term = reader.varint();
      message.request_vote_result.vote_granted = reader.u8() != 0;
      message.request_vote_result.pre_vote = static_cast<raft_tribool>(reader.u8() % 3);
      break;
    case RAFT_IO_INSTALL_SNAPSHOT:
      return decode_snapshot(reader, message.install_snapshot);
    case RAFT_IO_TIMEOUT_NOW:
      message.timeout_now.term = reader.varint();
      message.timeout_now.last_log_index = reader.varint();
      message.timeout_now.last_log_term = reader.varint();
      break;
    default:
      return false;
  }
  return reader.ok() && reader.left() == 0;
}

}  // namespace blackout::system::libraft
