#include "platform/replica/protocol.hpp"

namespace blackout::replica {
namespace {

// Set in the byte of the kind where an epoch of routes follows.
constexpr std::uint8_t routed_bit = 0x80;

Bytes copy(BytesView view) { return {view.begin(), view.end()}; }

// A query ends with how much is wanted at most, which is something.
bool read_last_bound(Reader& reader, std::uint32_t& bound) {
  const std::uint64_t read = reader.varint();
  bound = static_cast<std::uint32_t>(read);
  return reader.ok() && reader.left() == 0 && read > 0 && read <= 0xFFFF'FFFF;
}

}  // namespace

Bytes encode(Channel channel, const Request& request) {
  Bytes out;
  out.reserve(48 + request.body.size());
  Writer writer(out);
  writer.u8(static_cast<std::uint8_t>(channel));
  writer.varint(request.call);
  writer.varint(request.shard.value());
  const bool routed = request.routes_epoch != 0;
  writer.u8(static_cast<std::uint8_t>(static_cast<std::uint8_t>(request.kind) |
                                      (routed ? routed_bit : 0)));
  if (routed) writer.varint(request.routes_epoch);
  writer.varint(request.operation.value());
  writer.signed_varint(request.budget.ns());
  writer.blob(request.body);
  return out;
}

Bytes encode(const Reply& reply) {
  Bytes out;
  out.reserve(24 + reply.body.size());
  Writer writer(out);
  writer.u8(static_cast<std::uint8_t>(Channel::reply));
  writer.varint(reply.call);
  writer.u8(static_cast<std::uint8_t>(reply.status));
  writer.u32(reply.leader.value());
  writer.blob(reply.body);
  return out;
}

Bytes encode(const PageQuery& query) {
  Bytes out;
  Writer writer(out);
  writer.text(query.after);
  writer.varint(query.accounts_max);
  return out;
}

Bytes encode(const std::vector<ledger::AccountRecord>& page) {
  Bytes out;
  Writer writer(out);
  writer.varint(page.size());
  for (const ledger::AccountRecord& account : page) {
    writer.text(account.account);
    writer.signed_varint(account.balance);
    writer.varint(account.operations.size());
    for (const OperationId operation : account.operations) writer.varint(operation.value());
  }
  return out;
}

Bytes encode(const RecordsQuery& query) {
  Bytes out;
  Writer writer(out);
  encode(query.from, writer);
  writer.varint(query.records_max);
  return out;
}

Bytes encode(const std::vector<ledger::Record>& page) {
  Bytes out;
  Writer writer(out);
  writer.varint(page.size());
  for (const ledger::Record& record : page) encode(record, writer);
  return out;
}

std::optional<Channel> channel_of(BytesView message) {
  if (message.empty() || message[0] < static_cast<std::uint8_t>(Channel::raft) ||
      message[0] > static_cast<std::uint8_t>(Channel::audit)) {
    return std::nullopt;
  }
  return static_cast<Channel>(message[0]);
}

std::optional<Request> decode_request(BytesView message) {
  Reader reader(message);
  const std::uint8_t channel = reader.u8();
  if (channel != static_cast<std::uint8_t>(Channel::request) &&
      channel != static_cast<std::uint8_t>(Channel::forward)) {
    return std::nullopt;
  }
  Request request;
  request.call = reader.varint();
  const std::uint64_t shard = reader.varint();
  const std::uint8_t bits = reader.u8();
  const std::uint8_t kind = bits & ~routed_bit;
  if ((bits & routed_bit) != 0) request.routes_epoch = reader.varint();
  request.operation = OperationId(reader.varint());
  request.budget = Duration(reader.signed_varint());
  request.body = copy(reader.blob());
  if (!reader.ok() || reader.left() != 0 || shard >= no_shard.value() ||
      kind > static_cast<std::uint8_t>(RequestKind::records)) {
    return std::nullopt;
  }
  request.shard = ShardId(static_cast<std::uint32_t>(shard));
  request.kind = static_cast<RequestKind>(kind);
  return request;
}

std::optional<Reply> decode_reply(BytesView message) {
  Reader reader(message);
  if (reader.u8() != static_cast<std::uint8_t>(Channel::reply)) return std::nullopt;
  Reply reply;
  reply.call = reader.varint();
  const std::uint8_t status = reader.u8();
  reply.leader = NodeId(reader.u32());
  reply.body = copy(reader.blob());
  if (!reader.ok() || reader.left() != 0 || status > static_cast<std::uint8_t>(Status::deposed)) {
    return std::nullopt;
  }
  reply.status = static_cast<Status>(status);
  return reply;
}

std::optional<PageQuery> decode_page_query(BytesView body) {
  Reader reader(body);
  PageQuery query;
  query.after = reader.text();
  if (!read_last_bound(reader, query.accounts_max)) return std::nullopt;
  return query;
}

std::optional<RecordsQuery> decode_records_query(BytesView body) {
  Reader reader(body);
  RecordsQuery query;
  query.from = ledger::decode_record_key(reader);
  if (!read_last_bound(reader, query.records_max)) return std::nullopt;
  return query;
}

std::optional<std::vector<ledger::AccountRecord>> decode_page(BytesView body) {
  Reader reader(body);
  const std::uint64_t count = reader.varint();
  std::vector<ledger::AccountRecord> page;
  for (std::uint64_t i = 0; i < count && reader.ok(); ++i) {
    ledger::AccountRecord account;
    account.account = reader.text();
    account.balance = reader.signed_varint();
    account.version = reader.varint();
    if (account.version > reader.left()) return std::nullopt;  // an entry takes a byte at least
    account.operations.reserve(account.version);
    for (std::uint64_t j = 0; j < account.version; ++j) {
      account.operations.emplace_back(reader.varint());
    }
    page.push_back(std::move(account));
  }
  if (!reader.ok() || reader.left() != 0) return std::nullopt;
  return page;
}

std::optional<std::vector<ledger::Record>> decode_records(BytesView body) {
  Reader reader(body);
  const std::uint64_t count = reader.varint();
  std::vector<ledger::Record> page;
  for (std::uint64_t i = 0; i < count && reader.ok(); ++i) {
    page.push_back(ledger::decode_record(reader));
  }
  if (!reader.ok() || reader.left() != 0) return std::nullopt;
  return page;
}

}  // namespace blackout::replica
