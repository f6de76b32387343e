#include "harness/system/libraft/storage.hpp"

#include <algorithm>
#include <charconv>
#include <utility>

#include "host/base/crc32c.hpp"

namespace blackout::system::libraft {
namespace {

constexpr std::size_t record_header_bytes = 8;
constexpr std::uint8_t kind_start = 3;

std::uint32_t record_checksum(std::uint64_t number, std::uint64_t offset, BytesView body) {
  Bytes place;
  Writer writer(place);
  writer.u64(number);
  writer.u64(offset);
  return crc32c(body, crc32c(place));
}

Bytes encode(const Image& image) {
  Bytes body;
  Writer writer(body);
  writer.varint(image.index);
  writer.varint(image.term);
  writer.varint(image.configuration_index);
  writer.varint(image.peers.size());
  for (const Peer& peer : image.peers) {
    writer.varint(peer.id);
    writer.u8(static_cast<std::uint8_t>(peer.role));
  }
  writer.blob(image.data);
  Bytes out;
  Writer(out).u32(crc32c(body));
  out.insert(out.end(), body.begin(), body.end());
  return out;
}

std::optional<Image> decode_image(BytesView bytes) {
  Reader reader(bytes);
  const std::uint32_t checksum = reader.u32();
  if (!reader.ok() || crc32c(bytes.subspan(reader.position())) != checksum) return std::nullopt;
  Image image;
  image.index = reader.varint();
  image.term = reader.varint();
  image.configuration_index = reader.varint();
  const std::uint64_t peers = reader.varint();
  for (std::uint64_t i = 0; i < peers && reader.ok(); ++i) {
    const std::uint64_t id = reader.varint();
    image.peers.push_back({id, reader.u8()});
  }
  const BytesView data = reader.blob();
  image.data.assign(data.begin(), data.end());
  if (!reader.ok() || reader.left() != 0) return std::nullopt;
  return image;
}

// What begins a log anew: its base, and how many entries it starts with.
struct Start {
  LogBase base;
  std::uint64_t entries = 0;
};

std::optional<Start> start_of(BytesView body) {
  Reader reader(body);
  Start start;
  if (reader.u8() != kind_start) return std::nullopt;
  start.base.index = reader.varint() - 1;
  start.base.term = reader.varint();
  start.base.chain = reader.u64();
  start.entries = reader.varint();
  if (!reader.ok()) return std::nullopt;
  return start;
}

}  // namespace

Storage::Storage(env::Disk& disk, ShardId shard)
    : disk_(disk), prefix_("raft" + std::to_string(shard.value()) + "-") {}

std::string Storage::name(const char* what, std::uint64_t number) const {
  return prefix_ + what + "-" + std::to_string(number);
}

std::optional<std::uint64_t> Storage::number_of(const std::string& file, const char* what) const {
  const std::string start = prefix_ + what + "-";
  if (!file.starts_with(start)) return std::nullopt;
  std::uint64_t number = 0;
  const char* end = file.data() + file.size();
  const auto [stop, error] = std::from_chars(file.data() + start.size(), end, number);
  if (error != std::errc{} || stop != end) return std::nullopt;
  return number;
}

std::optional<Recovered> Storage::open() {
  Recovered found;
  if (!read_snapshots(found) || !read_log(found)) return std::nullopt;
  const bool empty = found.base.index == 0 && found.entries.empty();
  if (!read_state(found) && !empty) return std::nullopt;
  if (found.base.index > (found.snapshot ? found.snapshot->index : 0)) return std::nullopt;
  snapshot_ = found.snapshot;
  const bool stands = !snapshot_ || agrees(found, *snapshot_);
  // A leader's snapshot became durable, and the log that it replaces was not yet put away.
  if (!stands) {
    found.entries.clear();
    found.base = {snapshot_->index, snapshot_->term, 0};
  }
  base_ = found.base;
  entries_ = found.entries;
  safe_ = last();
  if (!stands && !begin_log(base_, {})) return std::nullopt;
  return found;
}

bool Storage::agrees(const Recovered& log, const Image& snapshot) {
  const std::uint64_t begin = log.base.index;
  if (snapshot.index == begin) return true;
  return snapshot.index <= begin + log.entries.size() &&
         log.entries[snapshot.index - begin - 1].term == snapshot.term;
}

// What a crash of the process left in the page cache is read as well, so it is made durable first.
std::optional<Bytes> Storage::read_all(const std::string& file, bool make_durable) {
  const auto id = disk_.open(file, false);
  if (!id || (make_durable && !disk_.sync(id.value()))) return std::nullopt;
  auto bytes = disk_.read(id.value(), 0, disk_.size(id.value()));
  if (!bytes) return std::nullopt;
  return std::move(bytes.value());
}

bool Storage::read_state(Recovered& into) {
  const auto files = disk_.list();
  if (!files) return false;
  for (const std::string& file : files.value()) {
    if (!number_of(file, "state")) continue;
    const auto bytes = read_all(file, true);
    if (!bytes || bytes->size() < 28) continue;
    Reader reader(*bytes);
    const std::uint64_t version = reader.u64(), term = reader.u64(), vote = reader.u64();
    if (crc32c(BytesView(*bytes).first(24)) != reader.u32() || version <= version_) continue;
    version_ = version;
    into.term = term;
    into.vote = vote;
  }
  return version_ > 0;
}

bool Storage::set_state(std::uint64_t term, std::uint64_t vote) {
  Bytes bytes;
  Writer writer(bytes);
  writer.u64(++version_);
  writer.u64(term);
  writer.u64(vote);
  writer.u32(crc32c(bytes));
  const auto file = disk_.open(name("state", version_ % 2), true);
  return file && disk_.write(file.value(), 0, bytes) && disk_.sync(file.value());
}

bool Storage::read_log(Recovered& into) {
  const auto files = disk_.list();
  if (!files) return false;
  std::vector<std::uint64_t> numbers;
  for (const std::string& file : files.value()) {
    if (const auto number = number_of(file, "log")) numbers.push_back(*number);
  }
  std::sort(numbers.begin(), numbers.end());
  for (const std::uint64_t number : numbers) {
    const auto bytes = read_all(name("log", number), true);
    if (!bytes || !replay(*bytes, number, into)) return false;
    number_ = number;
  }
  return true;
}

// Up to the first record that does not verify; nothing of it where that is one of those that the
// log is to start with. False where the log would have a hole.
bool Storage::replay(BytesView file, std::uint64_t number, Recovered& into) {
  Recovered before;
  std::uint64_t offset = 0, missing = 0;
  while (file.size() - offset > record_header_bytes) {
    Reader reader(file.subspan(offset));
    const std::uint32_t length = reader.u32(), checksum = reader.u32();
    const BytesView body = reader.raw(length);
    if (!reader.ok() || record_checksum(number, offset, body) != checksum) break;
    if (const auto start = start_of(body)) {
      before = into;
      into.entries.clear();
      into.base = start->base;
      missing = start->entries;
    } else {
      if (!replay_record(body, into)) return false;
      missing -= std::min<std::uint64_t>(missing, 1);
    }
    offset += record_header_bytes + length;
  }
  if (missing > 0) into = before;
  return true;
}

bool Storage::replay_record(BytesView body, Recovered& into) {
  Reader reader(body);
  const auto kind = static_cast<Kind>(reader.u8());
  const std::uint64_t index = reader.varint();
  const std::uint64_t end = into.base.index + into.entries.size();
  if (!reader.ok() || index <= into.base.index || index > end + 1) return false;
  into.entries.resize(index - into.base.index - 1);
  if (kind == Kind::cut) return true;
  Entry entry;
  entry.term = reader.varint();
  entry.type = reader.u8();
  const BytesView data = reader.raw(reader.left());
  entry.data.assign(data.begin(), data.end());
  into.entries.push_back(std::move(entry));
  return reader.ok();
}

bool Storage::read_snapshots(Recovered& into) {
  const auto files = disk_.list();
  if (!files) return false;
  for (const std::string& file : files.value()) {
    if (!number_of(file, "snapshot")) continue;
    const auto bytes = read_all(file, false);
    auto image = bytes ? decode_image(*bytes) : std::nullopt;
    if (!image || (into.snapshot && image->index <= into.snapshot->index)) continue;
    into.snapshot = std::make_shared<const Image>(std::move(*image));
  }
  return true;
}

void Storage::record(Bytes& out, std::uint64_t offset, BytesView body) const {
  Writer writer(out);
  writer.u32(static_cast<std::uint32_t>(body.size()));
  writer.u32(record_checksum(number_, offset, body));
  writer.raw(body);
}

Bytes Storage::body_of(std::uint64_t index, const Entry& entry) {
  Bytes body;
  body.reserve(entry.data.size() + 24);
  Writer writer(body);
  writer.u8(static_cast<std::uint8_t>(Kind::entry));
  writer.varint(index);
  writer.varint(entry.term);
  writer.u8(entry.type);
  writer.raw(entry.data);
  return body;
}

bool Storage::begin_file() {
  const auto file = disk_.open(name("log", ++number_), true);
  if (!file) return false;
  file_ = file.value();
  offset_ = 0;
  return true;
}

bool Storage::write(const std::vector<Bytes>& bodies) {
  Bytes out;
  const bool fresh = !file_;
  if (fresh && !begin_file()) return false;
  if (fresh) {
    Bytes cut;
    Writer writer(cut);
    writer.u8(static_cast<std::uint8_t>(Kind::cut));
    writer.varint(safe_ + 1);
    record(out, offset_, cut);
  }
  for (const Bytes& body : bodies) record(out, offset_ + out.size(), body);
  if (!disk_.write(*file_, offset_, out)) return false;
  offset_ += out.size();
  return true;
}

void Storage::fail() {
  entries_.resize(std::min<std::size_t>(entries_.size(), safe_ - base_.index));
  file_.reset();
}

bool Storage::append(std::uint64_t first, std::span<const Entry> entries) {
  if (first <= base_.index || first > last() + 1) return false;
  safe_ = std::min(safe_, first - 1);
  std::vector<Bytes> bodies;
  for (std::size_t i = 0; i < entries.size(); ++i) bodies.push_back(body_of(first + i, entries[i]));
  entries_.resize(std::min<std::size_t>(entries_.size(), first - base_.index - 1));
  if (!write(bodies)) {
    fail();
    return false;
  }
  entries_.insert(entries_.end(), entries.begin(), entries.end());
  return true;
}

bool Storage::truncate(std::uint64_t from) {
  if (from > last()) return true;
  safe_ = std::min(safe_, from - 1);
  entries_.resize(from - base_.index - 1);
  Bytes cut;
  Writer writer(cut);
  writer.u8(static_cast<std::uint8_t>(Kind::cut));
  writer.varint(from);
  if (write({cut})) return true;
  fail();
  return false;
}

bool Storage::sync() {
  if (!file_) return true;
  if (!disk_.sync(*file_)) {
    fail();
    return false;
  }
  safe_ = last();
  return true;
}

bool Storage::put(std::shared_ptr<const Image> image, const LogBase& base, bool keep_log) {
  const auto file = disk_.open(name("snapshot", image->index), true);
  if (!file) return false;
  const Bytes bytes = encode(*image);
  if (!disk_.write(file.value(), 0, bytes) || !disk_.sync(file.value())) return false;
  snapshot_ = std::move(image);
  std::deque<Entry> kept;
  if (keep_log && base.index >= base_.index && base.index <= last()) {
    const auto from = static_cast<std::ptrdiff_t>(base.index - base_.index);
    kept.assign(entries_.begin() + from, entries_.end());
  }
  // Where an own snapshot's log cannot be begun anew, the older files still say all that counts.
  if (!begin_log(base, kept)) return keep_log;
  base_ = base;
  entries_ = std::move(kept);
  safe_ = last();
  remove_old(snapshot_->index);
  return true;
}

bool Storage::begin_log(const LogBase& base, const std::deque<Entry>& entries) {
  file_.reset();
  if (!begin_file()) return false;
  Bytes start;
  Writer writer(start);
  writer.u8(kind_start);
  writer.varint(base.index + 1);
  writer.varint(base.term);
  writer.u64(base.chain);
  writer.varint(entries.size());
  Bytes out;
  record(out, 0, start);
  std::uint64_t index = base.index;
  for (const Entry& entry : entries) record(out, out.size(), body_of(++index, entry));
  const bool written = disk_.write(*file_, 0, out) && disk_.sync(*file_);
  offset_ = out.size();
  if (!written) file_.reset();
  return written;
}

// From the newest on: what a crash leaves of them is the beginning of what they said. One that
// cannot be removed now keeps those before it.
void Storage::remove_old(std::uint64_t snapshot_index) {
  const auto files = disk_.list();
  if (!files) return;
  std::vector<std::uint64_t> logs;
  for (const std::string& file : files.value()) {
    const auto log = number_of(file, "log"), snapshot = number_of(file, "snapshot");
    if (log && *log < number_) logs.push_back(*log);
    if (snapshot && *snapshot < snapshot_index) (void)disk_.remove(file);
  }
  std::sort(logs.rbegin(), logs.rend());
  for (const std::uint64_t number : logs) {
    if (!disk_.remove(name("log", number))) return;
  }
}

}  // namespace blackout::system::libraft
