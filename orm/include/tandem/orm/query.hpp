/// Queries: immutable values built from `Model::select()` or `select(columns…)`, run by `session.exec()`.
///
/// Contract: each call returns a new query; several `where` are joined by AND; the SQL text is made once per query
/// type, values are bound. A column of a model that the query does not select from does not compile. Pitfall: a query
/// without `order_by` has no order, also under `limit`.
///
///     session.exec(User::select().where(User::c.username.contains("an")).order_by(User::c.id.desc()).limit(15)).all();
///     session.exec(tandem::select(User::c.id, User::c.username)).all();    // std::vector<std::tuple<std::int64_t,
///     std::string>>
#pragma once

#include <cstdint>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

#include <tandem/orm/column.hpp>
#include <tandem/orm/expression.hpp>
#include <tandem/orm/loader.hpp>

namespace tandem::orm {

template <class E>
struct Where {
    E expression;
};
template <class... E>
struct OrderBy {
    std::tuple<E...> expressions;
};
/// The result is objects of T.
template <class T>
struct Entity {};
/// The result is tuples.
template <class... E>
struct Fields {
    std::tuple<E...> expressions;
};

template <class P>
inline constexpr bool is_where = false;
template <class E>
inline constexpr bool is_where<Where<E>> = true;
template <class P>
inline constexpr bool is_order_by = false;
template <class... E>
inline constexpr bool is_order_by<OrderBy<E...>> = true;

template <class E>
inline constexpr bool is_condition = false;
template <Expression E>
inline constexpr bool is_condition<E> = std::same_as<typename E::tandem_value, bool>;

/// Appends `FROM "table"`.
void write_from(SqlWriter& out, const Table& table);

template <class T, class Result, class... Parts>
class Query {
public:
    using tandem_model = T;

    Query() = default;
    Query(Result result, std::tuple<Parts...> parts, std::int64_t limit, std::int64_t offset,
        std::vector<LoadPlan> loaders)
        : result_(std::move(result)),
          parts_(std::move(parts)),
          limit_(limit),
          offset_(offset),
          loaders_(std::move(loaders)) {}

    template <class E>
    [[nodiscard]] auto where(E expression) const {
        static_assert(is_condition<E>, "tandem: where() needs a condition, e.g. where(User::c.id == 3)");
        if constexpr (is_condition<E>) {
            static_assert(
                E::template uses_only<T>, "tandem: this query uses a column of a model that it does not select from");
            return with(Where<E>{std::move(expression)});
        } else {
            return *this;  // the message above is enough
        }
    }
    template <Expression... E>
    [[nodiscard]] auto order_by(E... expressions) const {
        static_assert((E::template uses_only<T> && ...),
            "tandem: this query uses a column of a model that it does not select from");
        return with(OrderBy<E...>{{std::move(expressions)...}});
    }
    /// At most `count` objects; below 0 means no limit.
    [[nodiscard]] Query limit(std::int64_t count) const {
        Query copy = *this;
        copy.limit_ = count;
        return copy;
    }
    /// Leaves out the first `count` objects.
    [[nodiscard]] Query offset(std::int64_t count) const {
        Query copy = *this;
        copy.offset_ = count;
        return copy;
    }
    template <class Model, class... Target>
    [[nodiscard]] Query options(Loader<Model, Target>... loaders) const {
        static_assert(std::same_as<Model, T>, "tandem: this loader starts from another model than the query's");
        Query copy = *this;
        (copy.loaders_.push_back(std::move(loaders.plan)), ...);
        return copy;
    }

    // For the session.
    [[nodiscard]] const std::string& sql() const {
        static const std::string plain = build(false);
        static const std::string limited = build(true);
        return is_limited() ? limited : plain;
    }
    void bind(Parameters& parameters) const {
        if constexpr (requires { result_.expressions; })
            std::apply([&](const auto&... e) { (e.bind(parameters), ...); }, result_.expressions);
        // In the order of the SQL text, whatever the order of the calls.
        std::apply([&](const auto&... part) { (bind_where(part, parameters), ...); }, parts_);
        std::apply([&](const auto&... part) { (bind_order_by(part, parameters), ...); }, parts_);
        if (is_limited()) {
            bind_value(parameters, ValueView::of(limit_ < 0 ? std::int64_t{-1} : limit_));
            bind_value(parameters, ValueView::of(offset_));
        }
    }
    [[nodiscard]] const std::vector<LoadPlan>& loaders() const { return loaders_; }

private:
    template <class Part>
    auto with(Part part) const {
        return Query<T, Result, Parts..., Part>{
            result_, std::tuple_cat(parts_, std::tuple<Part>{std::move(part)}), limit_, offset_, loaders_};
    }
    [[nodiscard]] bool is_limited() const { return limit_ >= 0 || offset_ > 0; }

    static std::string build(bool limited) {
        SqlWriter out{"SELECT "};
        write_result(out, static_cast<Result*>(nullptr));
        write_from(out, table_of<T>());
        [[maybe_unused]] const char* glue = " WHERE ";
        (write_where(out, glue, static_cast<Parts*>(nullptr)), ...);
        glue = " ORDER BY ";
        (write_order_by(out, glue, static_cast<Parts*>(nullptr)), ...);
        if (limited) out.text += " LIMIT ? OFFSET ?";
        return out.text;
    }
    static void write_result(SqlWriter& out, Entity<T>*) { out.text += table_of<T>().select_list(); }
    template <class... E>
    static void write_result(SqlWriter& out, Fields<E...>*) {
        write_list<E...>(out);
    }
    template <class Part>
    static void write_where(SqlWriter& out, const char*& glue, Part*) {
        if constexpr (is_where<Part>) {
            out.text += glue;
            glue = " AND ";
            decltype(Part::expression)::sql(out);
        }
    }
    template <class Part>
    static void write_order_by(SqlWriter& out, const char*& glue, Part* part) {
        if constexpr (is_order_by<Part>) {
            out.text += glue;
            glue = ", ";
            write_order_list(out, part);
        }
    }
    template <class... E>
    static void write_order_list(SqlWriter& out, OrderBy<E...>*) {
        write_list<E...>(out);
    }
    template <class... E>
    static void write_list(SqlWriter& out) {
        const char* glue = "";
        ((out.text += glue, glue = ", ", E::sql(out)), ...);
    }
    template <class Part>
    static void bind_where(const Part& part, Parameters& parameters) {
        if constexpr (is_where<Part>) part.expression.bind(parameters);
    }
    template <class Part>
    static void bind_order_by(const Part& part, Parameters& parameters) {
        if constexpr (is_order_by<Part>)
            std::apply([&](const auto&... e) { (e.bind(parameters), ...); }, part.expressions);
    }

    [[no_unique_address]] Result result_{};
    [[no_unique_address]] std::tuple<Parts...> parts_{};
    std::int64_t limit_ = -1;
    std::int64_t offset_ = 0;
    std::vector<LoadPlan> loaders_{};
};

template <class E>
struct model_of {
    using type = typename E::tandem_model;
};
template <FixedString Before, FixedString After, class E, class V>
struct model_of<Unary<Before, After, E, V>> : model_of<E> {};

/// A query for tuples of columns or aggregates of one model.
template <Expression First, Expression... More>
auto select(First first, More... more) {
    using T = typename model_of<First>::type;
    static_assert((More::template uses_only<T> && ...),
        "tandem: this query uses a column of a model that it does not select from");
    return Query<T, Fields<First, More...>>{{{std::move(first), std::move(more)...}}, {}, -1, 0, {}};
}

}  // namespace tandem::orm
