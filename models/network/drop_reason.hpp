// Why a message was lost.
#pragma once

#include <cstddef>
#include <cstdint>

namespace blackout::network {

// Word c of message_dropped.
enum class DropReason : std::uint8_t {
  loss,
  cut,
  queue_full,
  receiver_down,
  receiver_restarted,  // sent to an earlier incarnation
  mailbox_full,
  sender_stopped,  // still in the sender's queue when it stopped
  flapping,
  reset,
  too_large,  // for a link that a fault narrowed
  corrupted,  // its checksum showed it
  nobody,     // it was sent to no node that exists
};
inline constexpr std::size_t drop_reasons = 12;

}  // namespace blackout::network
