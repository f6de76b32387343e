#include "reports/record/operation_line.hpp"

#include <algorithm>
#include <charconv>
#include <limits>
#include <nlohmann/json.hpp>

namespace blackout::record {
namespace {

// Every member in the order of the file, with what carries it out.
template <class Visitor, class Target>
void visit_members(Visitor& visit, Target& operation) {
  visit("{\"id\":", operation.id);
  visit(",\"kind\":", operation.kind);
  visit(",\"client\":", operation.client);
  visit(",\"group\":", operation.group);
  visit(",\"region\":", operation.region);
  visit(",\"shard\":", operation.shard);
  visit(",\"probe\":", operation.probe);
  visit(",\"key\":", operation.key);
  visit(",\"other_key\":", operation.other_key);
  visit(",\"amount\":", operation.amount);
  visit(",\"expected_version\":", operation.expected_version);
  visit(",\"stamp\":", operation.stamp);
  visit(",\"value\":", operation.value);
  visit(",\"invoked\":", operation.invoked);
  visit(",\"deadline\":", operation.deadline);
  visit(",\"completed\":", operation.completed);
  visit(",\"outcome\":", operation.outcome);
  visit(",\"applied\":", operation.applied);
  visit(",\"duplicate\":", operation.duplicate);
  visit(",\"version\":", operation.version);
  visit(",\"balance\":", operation.balance);
  visit(",\"last_operation\":", operation.last_operation);
  visit(",\"attempts\":", operation.attempts);
}

// Needs no escape in JSON, and is the same in every encoding.
bool plain(char c) { return c >= 0x20 && c < 0x7F && c != '"' && c != '\\'; }

class LineWriter {
 public:
  explicit LineWriter(std::string& out) : out_(out) {}

  template <class V>
  void operator()(std::string_view name, const V& value) {
    out_ += name;
    put(value);
  }

 private:
  template <class V>
  void put(const V& value) {
    if constexpr (std::is_same_v<V, bool>) {
      out_ += value ? "true" : "false";
    } else if constexpr (std::is_integral_v<V>) {
      char digits[24];
      const auto end = std::to_chars(digits, digits + sizeof digits, value);
      out_.append(digits, end.ptr);
    } else if constexpr (std::is_enum_v<V>) {
      put(static_cast<unsigned>(value));
    } else if constexpr (std::is_same_v<V, std::string>) {
      if (std::all_of(value.begin(), value.end(), plain)) {
        out_.append(1, '"').append(value).append(1, '"');
      } else {
        using Json = nlohmann::json;
        out_ += Json(value).dump(-1, ' ', false, Json::error_handler_t::replace);
      }
    } else if constexpr (std::is_same_v<V, Instant>) {
      put(value.ns());
    } else {
      put(value.value());
    }
  }

  std::string& out_;
};

class LineReader {
 public:
  explicit LineReader(std::string_view line) : at_(line.data()), end_(line.data() + line.size()) {}

  template <class V>
  void operator()(std::string_view name, V& value) {
    skip(name);
    if (ok_) get(value);
  }
  void skip(std::string_view text) {
    ok_ = ok_ && std::string_view(at_, static_cast<std::size_t>(end_ - at_)).starts_with(text);
    if (ok_) at_ += text.size();
  }
  [[nodiscard]] bool whole() const { return ok_ && at_ == end_; }

 private:
  template <class V>
  void get(V& value) {
    if constexpr (std::is_same_v<V, bool>) {
      value = at_ != end_ && *at_ == 't';
      skip(value ? "true" : "false");
    } else if constexpr (std::is_integral_v<V>) {
      const auto read = std::from_chars(at_, end_, value);
      ok_ = read.ec == std::errc();
      at_ = read.ptr;
    } else if constexpr (std::is_enum_v<V>) {
      unsigned number = 0;
      get(number);
      ok_ = ok_ && number <= last_of(value);
      value = static_cast<V>(number);
    } else if constexpr (std::is_same_v<V, std::string>) {
      skip("\"");
      const char* from = at_;
      at_ = std::find_if_not(at_, end_, plain);
      value.assign(from, at_);
      skip("\"");
    } else if constexpr (std::is_same_v<V, Instant>) {
      std::int64_t ns = 0;
      get(ns);
      value = Instant(ns);
    } else {
      typename V::Value number = 0;
      get(number);
      value = V(number);
    }
  }
  static unsigned last_of(OperationKind) { return static_cast<unsigned>(last_operation_kind); }
  static unsigned last_of(Outcome) { return static_cast<unsigned>(Outcome::info); }

  const char* at_;
  const char* end_;
  bool ok_ = true;
};

}  // namespace

void append_line(const Operation& operation, std::string& out) {
  LineWriter write(out);
  visit_members(write, operation);
  out += "}\n";
}

std::optional<Operation> read_line(std::string_view line) {
  Operation operation;
  LineReader read(line);
  visit_members(read, operation);
  read.skip("}");
  if (!read.whole()) return {};
  return operation;
}

}  // namespace blackout::record
