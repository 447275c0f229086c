/// Streams: results that are read a batch at a time, for more rows than should be in memory at once.
///
///     for (auto& [id, title] : session.stream(select(Post::c.id, Post::c.title))) …
///     for (const auto& user : session.stream(User::select().options(selectinload(User::c.posts)))) …
///     for (auto& users : session.stream(User::select()).partitions(100)) …       // std::vector<Ref<User>>
///
/// Contract: the query runs when the first row is asked for, and its rows are those that were there then. Memory holds
/// one batch. Relations that the query loads are loaded for a batch at a time, by a statement for each relation and
/// batch (two for a link table's), also by `joinedload`, so collections are whole and no object comes twice for them.
/// Objects that nobody holds leave the session with the next batch: keep a Ref, or a loaded relation that leads to
/// them, to keep one. Changed objects stay, and while the session has uncommitted changes all of them do.
///
/// The session can be used while a stream is open: other queries, other streams, the same query again. What writes to
/// the database in the same session or step first reads the rest of its streams into memory, so that they show what
/// they began with; write through another session where that would be too much. commit(), rollback() (of a savepoint,
/// too) and the end of the session end a stream, however many rows are left: the next row throws InvalidStateError. A
/// stream that is left before its end costs nothing more. While it is open, its session keeps its read transaction.
///
/// Thread rule: that of its session. Pitfall: a row is good until the next one; move out of it what should stay.
#pragma once

#include <algorithm>
#include <cstddef>
#include <iterator>
#include <memory>
#include <utility>
#include <vector>

#include <tandem/orm/result.hpp>

namespace tandem {

namespace orm {

class RowCursor;

/// A stream without its type.
class OpenStream {
public:
    /// Rows go to the vector `rows`. Throws ArgumentError for a batch of 0.
    OpenStream(PendingQuery&& query, const RowSink& sink, std::size_t batch, void* rows);
    OpenStream(OpenStream&& other) noexcept;
    OpenStream(const OpenStream&) = delete;
    OpenStream& operator=(const OpenStream&) = delete;
    OpenStream& operator=(OpenStream&&) = delete;
    ~OpenStream();

    /// Throws InvalidStateError when it has ended before its last row, or was moved away.
    void check() const;
    /// Adds the next batch; none at the end.
    void read();
    [[nodiscard]] std::size_t batch() const { return batch_; }
    void set_batch(std::size_t rows);

private:
    std::unique_ptr<PendingQuery> query_;
    std::unique_ptr<RowCursor> cursor_;
    std::size_t batch_;
};

}  // namespace orm

template <class R>
class Partitions;

/// The rows of a query, one after another; made by Session::stream(). Can be gone through once.
template <class R>
class Stream {
public:
    Stream(orm::PendingQuery&& query, const orm::RowSink& sink, std::size_t batch)
        : rows_(std::make_unique<Rows>()), open_(std::move(query), sink, batch, &rows_->batch) {}

    class Iterator {
    public:
        using iterator_concept = std::input_iterator_tag;
        using value_type = R;
        using difference_type = std::ptrdiff_t;

        Iterator() = default;
        explicit Iterator(Stream* stream) : stream_(stream) {}
        R& operator*() const { return stream_->rows_->current; }
        R* operator->() const { return &stream_->rows_->current; }
        Iterator& operator++() {
            if (!stream_->advance()) stream_ = nullptr;
            return *this;
        }
        void operator++(int) { ++*this; }
        bool operator==(std::default_sentinel_t) const { return !stream_; }

    private:
        Stream* stream_ = nullptr;
    };
    /// Goes on with the next row.
    [[nodiscard]] Iterator begin() { return Iterator{advance() ? this : nullptr}; }
    [[nodiscard]] std::default_sentinel_t end() const { return {}; }
    /// The same in vectors of so many rows; the last one may have fewer. Throws ArgumentError for 0.
    [[nodiscard]] Partitions<R> partitions(std::size_t rows) && {
        open_.set_batch(rows);
        return Partitions<R>{std::move(*this)};
    }

private:
    friend class Partitions<R>;
    // Has an address of its own, which stays when the stream is moved.
    struct Rows {
        std::vector<R> batch{};
        std::size_t at = 0;
        R current{};
    };
    bool advance() {
        open_.check();
        Rows& rows = *rows_;
        if (rows.at == rows.batch.size()) {
            rows.batch.clear();
            rows.at = 0;
            open_.read();
        }
        const bool found = rows.at < rows.batch.size();
        if (found) rows.current = std::move(rows.batch[rows.at++]);
        else rows.current = R{};
        return found;
    }

    std::unique_ptr<Rows> rows_;
    orm::OpenStream open_;
};

/// The rows of a stream in vectors; made by Stream::partitions(). Can be gone through once.
template <class R>
class Partitions {
public:
    explicit Partitions(Stream<R> stream) : stream_(std::move(stream)) {}

    class Iterator {
    public:
        using iterator_concept = std::input_iterator_tag;
        using value_type = std::vector<R>;
        using difference_type = std::ptrdiff_t;

        Iterator() = default;
        explicit Iterator(Partitions* partitions) : partitions_(partitions) {}
        std::vector<R>& operator*() const { return partitions_->current_; }
        Iterator& operator++() {
            if (!partitions_->advance()) partitions_ = nullptr;
            return *this;
        }
        void operator++(int) { ++*this; }
        bool operator==(std::default_sentinel_t) const { return !partitions_; }

    private:
        Partitions* partitions_ = nullptr;
    };
    [[nodiscard]] Iterator begin() { return Iterator{advance() ? this : nullptr}; }
    [[nodiscard]] std::default_sentinel_t end() const { return {}; }

private:
    bool advance() {
        stream_.open_.check();
        typename Stream<R>::Rows& rows = *stream_.rows_;
        current_.clear();
        if (rows.batch.empty()) stream_.open_.read();
        // More than a batch is here when the session has written meanwhile.
        const std::size_t count = std::min(rows.batch.size(), stream_.open_.batch());
        const auto end = rows.batch.begin() + static_cast<std::ptrdiff_t>(count);
        current_.assign(std::move_iterator{rows.batch.begin()}, std::move_iterator{end});
        rows.batch.erase(rows.batch.begin(), end);
        return count > 0;
    }

    Stream<R> stream_;
    std::vector<R> current_{};
};

}  // namespace tandem
