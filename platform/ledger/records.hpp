// Records: verification statuses, profile fields, and whatever else joins by a rule instead of
// adding up.
//
// Each write is joined into what stands, and the join is the greater of two under a total order:
// commutative, associative, idempotent. So the records that a set of writes leaves do not depend on
// the order in which they arrive, nor on how often.
#pragma once

#include <compare>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "host/base/bytes.hpp"
#include "host/base/ids.hpp"
#include "platform/ledger/command.hpp"
#include "platform/ledger/index.hpp"
#include "platform/ledger/rules.hpp"

namespace blackout::ledger {

struct RecordKey {
  std::uint8_t type = 0;  // an index in Rules::types
  std::string key;
  std::string field;  // empty where a key has one record of the type

  friend auto operator<=>(const RecordKey&, const RecordKey&) = default;
};

// The least key above `key`.
inline RecordKey next(RecordKey key) {
  key.field.push_back('\0');
  return key;
}

struct Record {
  RecordKey at;
  std::string value;
  Stamp stamp;            // newest only
  OperationId operation;  // that wrote the value; of equal writes the one of the greater id

  friend bool operator==(const Record&, const Record&) = default;
};

class Records {
 public:
  explicit Records(Rules rules);

  // A merge that the rule of its type can decide on: the type exists; a lattice knows the status
  // and has no stamp; newest has one.
  [[nodiscard]] bool accepts(const CommandView& merge) const;

  // Joins an accepted merge; true if its value stands now.
  bool merge(const CommandView& merge);

  // What stands where the merge goes, or null. Valid until the next merge.
  [[nodiscard]] const Record* find(const CommandView& merge) const;

  // Digest of the rules and of all records, whatever the order in which they came. O(1).
  [[nodiscard]] std::uint64_t digest() const { return digests_; }
  [[nodiscard]] bool ruled() const { return !rules_.types.empty(); }
  [[nodiscard]] std::size_t size() const { return records_.size(); }

  // At most `records_max` in order of their keys, starting with `from`; fewer: there are no more.
  // O(records).
  [[nodiscard]] std::vector<Record> page(const RecordKey& from, std::size_t records_max) const;

  // A share of a snapshot. decode() begins with none, and is false unless the bytes are what
  // encode() could have written under the same rules.
  void encode(Writer& writer) const;
  bool decode(Reader& reader);

 private:
  // A status's place in the order of its lattice, from 1; 0 for every other value.
  [[nodiscard]] std::size_t rank_of(std::uint8_t type, std::string_view value) const;
  [[nodiscard]] bool stands_above(const CommandView& merge, const Record& record) const;
  [[nodiscard]] std::uint32_t position_of(const CommandView& merge, std::uint64_t hash) const;

  Rules rules_;
  // In order of their creation.
  std::vector<Record> records_;
  Index index_;
  std::uint64_t digests_ = 0;  // the sum
};

void encode(const RecordKey& key, Writer& writer);
RecordKey decode_record_key(Reader& reader);
void encode(const Record& record, Writer& writer);
Record decode_record(Reader& reader);

}  // namespace blackout::ledger
