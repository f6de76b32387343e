#include "platform/ledger/command.hpp"

namespace blackout::ledger {
namespace {

// What the fields of a command and of an answer take at most beyond texts and memo.
constexpr std::size_t fields_bytes_max = 80;

// The first kinds end with their memo.
bool has_further_fields(CommandKind kind) { return kind > CommandKind::compare_and_post; }

std::string_view text_of(BytesView bytes) {
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

}  // namespace

void encode(const Command& command, Bytes& out) {
  out.reserve(out.size() + fields_bytes_max + command.account.size() + command.counterparty.size() +
              command.memo.size() + command.field.size() + command.value.size());
  Writer writer(out);
  writer.u64(command.operation.value());
  writer.u8(static_cast<std::uint8_t>(command.kind));
  writer.text(command.account);
  writer.text(command.counterparty);
  writer.signed_varint(command.amount);
  writer.varint(command.expected_version);
  writer.blob(command.memo);
  if (!has_further_fields(command.kind)) return;
  writer.u64(command.hold.value());
  writer.u8(command.type);
  writer.text(command.field);
  writer.text(command.value);
  encode(command.stamp, writer);
}

std::optional<CommandView> view_command(BytesView bytes) {
  Reader reader(bytes);
  CommandView command;
  command.operation = OperationId(reader.u64());
  const std::uint8_t kind = reader.u8();
  command.kind = static_cast<CommandKind>(kind);
  command.account = text_of(reader.blob());
  command.counterparty = text_of(reader.blob());
  command.amount = reader.signed_varint();
  command.expected_version = reader.varint();
  command.memo = reader.blob();
  if (has_further_fields(command.kind)) {
    command.hold = OperationId(reader.u64());
    command.type = reader.u8();
    command.field = text_of(reader.blob());
    command.value = text_of(reader.blob());
    command.stamp = decode_stamp(reader);
  }
  const bool well_formed =
      reader.ok() && reader.left() == 0 && kind <= static_cast<std::uint8_t>(CommandKind::merge);
  return well_formed ? std::optional(command) : std::nullopt;
}

std::optional<Command> decode_command(BytesView bytes) {
  const auto view = view_command(bytes);
  if (!view) return std::nullopt;
  return Command{view->operation,
                 view->kind,
                 std::string(view->account),
                 std::string(view->counterparty),
                 view->amount,
                 view->expected_version,
                 Bytes(view->memo.begin(), view->memo.end()),
                 view->hold,
                 view->type,
                 std::string(view->field),
                 std::string(view->value),
                 view->stamp};
}

void encode(const Answer& answer, Bytes& out) {
  out.reserve(out.size() + fields_bytes_max);
  Writer writer(out);
  writer.u8(static_cast<std::uint8_t>(answer.code));
  writer.varint(answer.version);
  writer.signed_varint(answer.balance);
  writer.u64(answer.last_operation.value());
  writer.u8(answer.duplicate ? 1 : 0);
}

std::optional<Answer> decode_answer(BytesView bytes) {
  Reader reader(bytes);
  Answer answer;
  const std::uint8_t code = reader.u8();
  answer.code = static_cast<AnswerCode>(code);
  answer.version = reader.varint();
  answer.balance = reader.signed_varint();
  answer.last_operation = OperationId(reader.u64());
  const std::uint8_t duplicate = reader.u8();
  answer.duplicate = duplicate != 0;
  const bool well_formed = reader.ok() && reader.left() == 0 && duplicate <= 1 &&
                           code <= static_cast<std::uint8_t>(AnswerCode::superseded);
  return well_formed ? std::optional(answer) : std::nullopt;
}

}  // namespace blackout::ledger
