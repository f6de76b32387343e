// Wire and disk form of entries and messages: varints, field by field, no checksum.
//
// The carrier (network frame, log record) adds that, and says which encoding a message has. Indexes
// of a message's entries are implied.
#pragma once

#include <optional>

#include "platform/raft/configuration.hpp"
#include "platform/raft/types.hpp"

namespace blackout::raft {

// How a message is written. All say the same; whoever reads one reads those before it.
enum class Encoding : std::uint8_t {
  plain = 1,   // every number, zero or not
  sparse = 2,  // which numbers are not zero, and those; of an entry's term what it grows by
};

void encode(Writer& out, const Message& message, Encoding encoding);
// Consumes one message. nullopt if the bytes are not one; never reads outside, never allocates more
// than a small multiple of the input.
std::optional<Message> decode_message(Reader& in, Encoding encoding);

// An entry without its chain hash.
void encode(Writer& out, const Entry& entry);
std::optional<Entry> decode_entry(Reader& in);

void encode(Writer& out, const HardState& state);
std::optional<HardState> decode_hard_state(Reader& in);

void encode(Writer& out, const Configuration& configuration);
std::optional<Configuration> decode_configuration(Reader& in);

// The form of a snapshot on disk and wire: the configuration in force at its position, then the
// state machine's part.
Payload pack(const Configuration& configuration, BytesView state);
struct Unpacked {
  Configuration configuration;
  BytesView state;  // within the bytes given
};
std::optional<Unpacked> unpack(BytesView snapshot);

}  // namespace blackout::raft
