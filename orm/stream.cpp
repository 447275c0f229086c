#include <tandem/orm/error.hpp>
#include <tandem/orm/stream.hpp>

#include "row_cursor.hpp"

namespace tandem::orm {
namespace {

std::size_t checked(std::size_t batch) {
    if (batch == 0) throw ArgumentError("a stream in batches of 0 rows would never get on; ask for 1 at least");
    return batch;
}

}  // namespace

OpenStream::OpenStream(PendingQuery&& query, const RowSink& sink, std::size_t batch, void* rows)
    : query_(std::make_unique<PendingQuery>(std::move(query))),
      cursor_(std::make_unique<RowCursor>(*query_, sink, rows)),
      batch_(checked(batch)) {
    cursor_->lets_go();
}
OpenStream::OpenStream(OpenStream&& other) noexcept = default;
OpenStream::~OpenStream() = default;

void OpenStream::check() const {
    if (!cursor_) throw InvalidStateError("a stream was used after it had been moved away");
    cursor_->check();
}
void OpenStream::read() { cursor_->read(batch_); }
void OpenStream::set_batch(std::size_t rows) { batch_ = checked(rows); }

}  // namespace tandem::orm
