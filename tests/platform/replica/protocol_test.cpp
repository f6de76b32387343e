// The codecs of requests, replies and pages: what was said arrives, and nothing else is understood.
#include "platform/replica/protocol.hpp"

#include <gtest/gtest.h>

#include "host/base/hash.hpp"

namespace blackout::replica {
namespace {

Request request() {
  return {.call = 1ULL << 40,
          .shard = ShardId(300),
          .kind = RequestKind::page,
          .operation = OperationId(~0ULL),
          .budget = milliseconds(750),
          .body = {1, 2, 3}};
}

Reply reply() {
  return {.call = 77, .status = Status::unavailable, .leader = NodeId(5), .body = {9, 8}};
}

std::vector<ledger::AccountRecord> page() {
  return {{"a", 2, -5, {OperationId(1), OperationId(1'000'000)}}, {"b", 0, 0, {}}};
}

// Every decoder's opinion of the bytes.
int decoded(BytesView bytes) {
  return int{decode_request(bytes).has_value()} + int{decode_reply(bytes).has_value()} +
         int{decode_page_query(bytes).has_value()} + int{decode_page(bytes).has_value()} +
         int{decode_records_query(bytes).has_value()} + int{decode_records(bytes).has_value()};
}

TEST(Protocol, ARequestArrivesAsItWasSentOnEitherChannel) {
  for (const Channel channel : {Channel::request, Channel::forward}) {
    const Bytes bytes = encode(channel, request());
    EXPECT_EQ(channel_of(bytes), channel);
    const auto seen = decode_request(bytes);
    ASSERT_TRUE(seen);
    EXPECT_EQ(seen->call, request().call);
    EXPECT_EQ(seen->shard, request().shard);
    EXPECT_EQ(seen->kind, request().kind);
    EXPECT_EQ(seen->operation, request().operation);
    EXPECT_EQ(seen->budget, request().budget);
    EXPECT_EQ(seen->body, request().body);
  }
}

TEST(Protocol, AReplyArrivesAsItWasSentWithOrWithoutALeader) {
  for (const NodeId leader : {NodeId(0), NodeId(5), no_node}) {
    Reply sent = reply();
    sent.leader = leader;
    const Bytes bytes = encode(sent);
    EXPECT_EQ(channel_of(bytes), Channel::reply);
    const auto seen = decode_reply(bytes);
    ASSERT_TRUE(seen);
    EXPECT_EQ(seen->call, sent.call);
    EXPECT_EQ(seen->status, sent.status);
    EXPECT_EQ(seen->leader, leader);
    EXPECT_EQ(seen->body, sent.body);
  }
}

TEST(Protocol, APageArrivesWithTheVersionThatItsHistoryImplies) {
  EXPECT_EQ(decode_page(encode(page())), page());
  EXPECT_EQ(decode_page(encode(std::vector<ledger::AccountRecord>())),
            std::vector<ledger::AccountRecord>());
  const auto query = decode_page_query(encode(PageQuery{"k/17", 256}));
  ASSERT_TRUE(query);
  EXPECT_EQ(query->after, "k/17");
  EXPECT_EQ(query->accounts_max, 256u);
}

TEST(Protocol, NoTruncationAndNoExtensionIsUnderstood) {
  const std::vector<Bytes> messages = {encode(Channel::request, request()),
                                       encode(Channel::forward, request()), encode(reply())};
  for (Bytes bytes : messages) {
    for (std::size_t size = 0; size < bytes.size(); ++size) {
      const BytesView cut = BytesView(bytes).first(size);
      EXPECT_FALSE(decode_request(cut)) << size;
      EXPECT_FALSE(decode_reply(cut)) << size;
    }
    bytes.push_back(0);
    EXPECT_FALSE(decode_request(bytes));
    EXPECT_FALSE(decode_reply(bytes));
  }
}

TEST(Protocol, NoTruncationAndNoExtensionOfAPageOrItsQueryIsUnderstood) {
  Bytes records = encode(page());
  for (std::size_t size = 0; size < records.size(); ++size) {
    EXPECT_FALSE(decode_page(BytesView(records).first(size))) << size;
  }
  records.push_back(0);
  EXPECT_FALSE(decode_page(records));
  Bytes query = encode(PageQuery{"k/17", 256});
  for (std::size_t size = 0; size < query.size(); ++size) {
    EXPECT_FALSE(decode_page_query(BytesView(query).first(size))) << size;
  }
  query.push_back(0);
  EXPECT_FALSE(decode_page_query(query));
}

TEST(Protocol, RecordsAndTheirQueryArriveAsTheyWereSentAndWhole) {
  const std::vector<ledger::Record> sent = {
      {{0, "m/1", ""}, "approved", {}, OperationId(7)},
      {{1, "m/1", "address"}, "Main Street", {1ULL << 60, 3}, OperationId(1ULL << 50)}};
  Bytes records = encode(sent);
  EXPECT_EQ(decode_records(records), sent);
  Bytes query = encode(RecordsQuery{sent[1].at, 256});
  const auto seen = decode_records_query(query);
  ASSERT_TRUE(seen);
  EXPECT_EQ(seen->from, sent[1].at);
  EXPECT_EQ(seen->records_max, 256U);
  for (std::size_t size = 0; size < records.size(); ++size) {
    EXPECT_FALSE(decode_records(BytesView(records).first(size))) << size;
  }
  for (std::size_t size = 0; size < query.size(); ++size) {
    EXPECT_FALSE(decode_records_query(BytesView(query).first(size))) << size;
  }
  records.push_back(0);
  query.push_back(0);
  EXPECT_FALSE(decode_records(records));
  EXPECT_FALSE(decode_records_query(query));
  EXPECT_FALSE(decode_records_query(encode(RecordsQuery{sent[1].at, 0})));
}

TEST(Protocol, ValuesOutsideTheirRangeAreRefused) {
  Request no_such_shard = request();
  no_such_shard.shard = no_shard;
  EXPECT_FALSE(decode_request(encode(Channel::request, no_such_shard)));
  Request no_such_kind = request();
  no_such_kind.kind = static_cast<RequestKind>(5);
  EXPECT_FALSE(decode_request(encode(Channel::request, no_such_kind)));
  EXPECT_FALSE(decode_request(encode(Channel::reply, request())));
  Reply no_such_status = reply();
  no_such_status.status = static_cast<Status>(6);
  EXPECT_FALSE(decode_reply(encode(no_such_status)));
  EXPECT_FALSE(decode_page_query(encode(PageQuery{"", 0})));
  EXPECT_FALSE(channel_of(Bytes{}));
  EXPECT_FALSE(channel_of(Bytes{0}));
  EXPECT_FALSE(channel_of(Bytes{8}));
}

TEST(Protocol, TheEpochOfRoutesTakesNoByteWhereThereIsNone) {
  Request routed = request();
  const std::size_t without = encode(Channel::request, routed).size();
  routed.routes_epoch = 5;
  const Bytes bytes = encode(Channel::request, routed);
  EXPECT_EQ(bytes.size(), without + 1);
  const auto decoded = decode_request(bytes);
  ASSERT_TRUE(decoded.has_value());
  EXPECT_EQ(decoded->routes_epoch, 5u);
  EXPECT_EQ(decoded->kind, routed.kind);
  EXPECT_EQ(decoded->body, routed.body);
}

TEST(Protocol, AHugeCountTakesNoMemory) {
  Bytes accounts;
  Writer(accounts).varint(~0ULL);
  EXPECT_FALSE(decode_page(accounts));
  Bytes operations;
  Writer writer(operations);
  writer.varint(1);
  writer.text("a");
  writer.signed_varint(0);
  writer.varint(1ULL << 60);
  EXPECT_FALSE(decode_page(operations));
}

TEST(Protocol, GarbageIsReadWithoutHarm) {
  int understood = 0;
  for (std::uint64_t n = 0; n < 20'000; ++n) {
    Bytes bytes(mix64(n) % 40);
    for (std::size_t i = 0; i < bytes.size(); ++i) {
      bytes[i] = static_cast<std::uint8_t>(mix64(n * 64 + i));
    }
    understood += decoded(bytes);
  }
  EXPECT_LT(understood, 1'000);
}

}  // namespace
}  // namespace blackout::replica
