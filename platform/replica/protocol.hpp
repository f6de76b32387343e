// The messages of the platform's nodes and clients, beside those of Raft, and their codec.
//
// Every message starts with one byte, its Channel. A request goes from a client to a gateway, which
// forwards the same body to the shard's leader; replies come back the same way. Decoders accept any
// bytes and return nothing unless all of them are one well-formed value.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "host/base/bytes.hpp"
#include "host/base/ids.hpp"
#include "host/base/time.hpp"
#include "platform/ledger/ledger.hpp"

namespace blackout::replica {

enum class Channel : std::uint8_t {
  raft = 1,          // replica to replica, in raft::Encoding::plain
  request = 2,       // client to gateway
  forward = 3,       // gateway to replica
  reply = 4,         // the answer to either
  raft_sparse = 5,   // replica to replica, in raft::Encoding::sparse
  announcement = 6,  // replica to replica: the newest encoding that the sender reads
  audit = 7,         // replica to replica: audit_protocol.hpp
};

enum class RequestKind : std::uint8_t {
  write,    // body: ledger::Command
  read,     // body: the account's key; linearizable
  page,     // body: PageQuery; linearizable
  probe,    // commits an entry that changes nothing; no body, in the request or the reply
  records,  // body: RecordsQuery; linearizable
};

struct Request {
  std::uint64_t call = 0;  // chosen by the sender, returned in the reply
  ShardId shard;
  RequestKind kind{};
  OperationId operation;  // idempotency key of a write; a tag for reads
  Duration budget;        // time left until nobody waits for the answer any more
  Bytes body;
  std::uint64_t routes_epoch = 0;  // of the routing plan that led a client here; 0: of none
};

enum class Status : std::uint8_t {
  done,         // body holds the answer
  not_leader,   // the request had no effect; `leader` is a hint or no_node
  refused,      // overloaded or malformed: the request had no effect
  unavailable,  // a gateway found no leader in time; nothing is known of the request's effect
  rerouted,     // a newer plan sends clients elsewhere: no effect; body holds the plan
  deposed,      // as not_leader, but nothing is known of the request's effect
};

struct Reply {
  std::uint64_t call = 0;
  Status status{};
  NodeId leader = no_node;
  Bytes body;  // the state machine's answer, or as `status` says
};

struct PageQuery {
  std::string after;
  std::uint32_t accounts_max = 0;
};

struct RecordsQuery {
  ledger::RecordKey from;
  std::uint32_t records_max = 0;
};

// `channel` is request or forward.
Bytes encode(Channel channel, const Request& request);
Bytes encode(const Reply& reply);
Bytes encode(const PageQuery& query);
Bytes encode(const std::vector<ledger::AccountRecord>& page);
Bytes encode(const RecordsQuery& query);
Bytes encode(const std::vector<ledger::Record>& page);

// Empty for an empty message or an unknown first byte.
std::optional<Channel> channel_of(BytesView message);
// `message` includes the channel byte.
std::optional<Request> decode_request(BytesView message);
std::optional<Reply> decode_reply(BytesView message);
std::optional<PageQuery> decode_page_query(BytesView body);
std::optional<std::vector<ledger::AccountRecord>> decode_page(BytesView body);
std::optional<RecordsQuery> decode_records_query(BytesView body);
std::optional<std::vector<ledger::Record>> decode_records(BytesView body);

}  // namespace blackout::replica
