#include "platform/ledger/records.hpp"

#include <algorithm>
#include <tuple>
#include <utility>

#include "host/base/check.hpp"
#include "host/base/hash.hpp"

namespace blackout::ledger {
namespace {

std::uint64_t hash_of(const CommandView& merge) {
  const std::uint64_t hash = combine64(merge.type, hash_key(merge.account));
  return combine64(hash, hash_key(merge.field));
}

std::uint64_t digest_of(const Record& record, std::uint64_t place_hash) {
  std::uint64_t digest = combine64(place_hash, hash_key(record.value));
  digest = combine64(digest, record.stamp.time);
  digest = combine64(digest, record.stamp.author);
  return combine64(digest, record.operation.value());
}

CommandView merge_of(const Record& record) {
  CommandView merge;
  merge.operation = record.operation;
  merge.kind = CommandKind::merge;
  merge.account = record.at.key;
  merge.type = record.at.type;
  merge.field = record.at.field;
  merge.value = record.value;
  merge.stamp = record.stamp;
  return merge;
}

}  // namespace

std::uint64_t Rules::digest() const {
  std::uint64_t digest = 0;
  for (const RecordType& type : types) {
    digest = combine64(digest, hash_key(type.name));
    digest = combine64(digest, static_cast<std::uint64_t>(type.rule));
    digest = combine64(digest, type.statuses.size());
    for (const std::string& status : type.statuses) digest = combine64(digest, hash_key(status));
  }
  return digest;
}

Records::Records(Rules rules) : rules_(std::move(rules)), digests_(rules_.digest()) {}

std::size_t Records::rank_of(std::uint8_t type, std::string_view value) const {
  const std::vector<std::string>& statuses = rules_.types[type].statuses;
  const auto found = std::find(statuses.begin(), statuses.end(), value);
  return found == statuses.end() ? 0 : static_cast<std::size_t>(found - statuses.begin()) + 1;
}

bool Records::accepts(const CommandView& merge) const {
  if (merge.type >= rules_.types.size()) return false;
  if (merge.field.size() > field_bytes_max || merge.value.size() > value_bytes_max) return false;
  switch (rules_.types[merge.type].rule) {
    case Rule::lattice:
      return rank_of(merge.type, merge.value) > 0 && merge.stamp == Stamp();
    case Rule::newest:
      return merge.stamp.time > 0;
  }
  return false;
}

// A lattice has no stamps and newest has no ranks: one order decides for both.
bool Records::stands_above(const CommandView& merge, const Record& record) const {
  const auto order = [&](const CommandView& one) {
    return std::tuple(rank_of(one.type, one.value), one.stamp, one.value, one.operation);
  };
  return order(merge) > order(merge_of(record));
}

bool Records::merge(const CommandView& merge) {
  const std::uint64_t hash = hash_of(merge);
  std::uint32_t position = position_of(merge, hash);
  if (position == Index::none) {
    CHECK(records_.size() < Index::none);
    position = static_cast<std::uint32_t>(records_.size());
    records_.push_back({{merge.type, std::string(merge.account), std::string(merge.field)},
                        std::string(merge.value),
                        merge.stamp,
                        merge.operation});
    index_.insert(hash, position);
    digests_ += digest_of(records_.back(), hash);
    return true;
  }
  Record& record = records_[position];
  bool above = stands_above(merge, record);
#ifdef BLACKOUT_PLANTED_BUGS
  above = above || rules_.last_arrival_wins;
#endif
  if (!above) return false;
  digests_ -= digest_of(record, hash);
  record.value = merge.value;
  record.stamp = merge.stamp;
  record.operation = merge.operation;
  digests_ += digest_of(record, hash);
  return true;
}

const Record* Records::find(const CommandView& merge) const {
  const std::uint32_t position = position_of(merge, hash_of(merge));
  return position == Index::none ? nullptr : &records_[position];
}

std::uint32_t Records::position_of(const CommandView& merge, std::uint64_t hash) const {
  return index_.find(hash, [&](std::uint32_t position) {
    const RecordKey& at = records_[position].at;
    return at.type == merge.type && at.key == merge.account && at.field == merge.field;
  });
}

std::vector<Record> Records::page(const RecordKey& from, std::size_t records_max) const {
  std::vector<const Record*> rest;
  for (const Record& record : records_) {
    if (record.at >= from) rest.push_back(&record);
  }
  const std::size_t size = std::min(records_max, rest.size());
  std::partial_sort(rest.begin(), rest.begin() + static_cast<std::ptrdiff_t>(size), rest.end(),
                    [](const Record* a, const Record* b) { return a->at < b->at; });
  std::vector<Record> page;
  page.reserve(size);
  for (std::size_t i = 0; i < size; ++i) page.push_back(*rest[i]);
  return page;
}

void Records::encode(Writer& writer) const {
  writer.u64(rules_.digest());
  writer.varint(records_.size());
  for (const Record& record : records_) ledger::encode(record, writer);
}

bool Records::decode(Reader& reader) {
  if (reader.u64() != rules_.digest()) return false;
  const std::uint64_t count = reader.varint();
  for (std::uint64_t i = 0; i < count && reader.ok(); ++i) {
    const Record record = decode_record(reader);
    const CommandView written = merge_of(record);
    const std::string& key = record.at.key;
    if (!reader.ok() || key.empty() || key.size() > account_bytes_max) return false;
    if (written.operation.value() == 0 || !accepts(written) || find(written)) return false;
    merge(written);
  }
  return reader.ok();
}

void encode(const RecordKey& key, Writer& writer) {
  writer.u8(key.type);
  writer.text(key.key);
  writer.text(key.field);
}

RecordKey decode_record_key(Reader& reader) {
  RecordKey key;
  key.type = reader.u8();
  key.key = reader.text();
  key.field = reader.text();
  return key;
}

void encode(const Record& record, Writer& writer) {
  encode(record.at, writer);
  writer.text(record.value);
  encode(record.stamp, writer);
  writer.u64(record.operation.value());
}

Record decode_record(Reader& reader) {
  Record record;
  record.at = decode_record_key(reader);
  record.value = reader.text();
  record.stamp = decode_stamp(reader);
  record.operation = OperationId(reader.u64());
  return record;
}

}  // namespace blackout::ledger
