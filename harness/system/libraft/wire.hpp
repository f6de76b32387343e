// The messages between servers, and between clients and servers, and their codecs.
//
// A raft_id is a node's number plus 1. Decoders accept any bytes and return nothing unless all of
// them are one well-formed value.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "harness/system/libraft/library.hpp"
#include "host/base/bytes.hpp"
#include "host/base/ids.hpp"

namespace blackout::system::libraft {

constexpr raft_id id_of(NodeId node) { return node.value() + 1ULL; }
// no_node for what is nobody's: 0, or more than a node's number holds.
constexpr NodeId node_of(raft_id id) {
  return id == 0 || id > no_node.value() ? no_node : NodeId(static_cast<std::uint32_t>(id - 1));
}

// The first byte of every message.
enum class Channel : std::uint8_t { raft = 1, request = 2, reply = 3 };
std::optional<Channel> channel_of(BytesView message);

enum class RequestKind : std::uint8_t {
  write,  // body: Command
  read,   // body: the account's key
  page,   // body: the key behind which the page begins
  role,   // of a server: body: the role, one byte, that it wants to have in the group
};

struct Request {
  std::uint64_t call = 0;
  ShardId shard;
  RequestKind kind{};
  OperationId operation;
  Bytes body;
};

enum class Status : std::uint8_t {
  done,        // body: Answer, or Page
  not_leader,  // no effect; `leader` is a hint or no_node
  unknown,     // the leader lost its office: the request may have its effect yet
};

struct Reply {
  std::uint64_t call = 0;
  Status status{};
  NodeId leader = no_node;
  Bytes body;
};

Bytes encode(const Request& request);
Bytes encode(const Reply& reply);
std::optional<Request> decode_request(BytesView message);
std::optional<Reply> decode_reply(BytesView message);

// Without a channel byte: it travels in the frames of Links. `shard` comes first.
Bytes encode(ShardId shard, const raft_message& message);

// What a message's bytes stand for; memory as the library's recv callback takes it over, from
// raft_malloc. `server_id` and `server_address` are left to the caller.
std::optional<ShardId> decode_shard(Reader& reader);
bool decode(Reader& reader, raft_message& message);

}  // namespace blackout::system::libraft
