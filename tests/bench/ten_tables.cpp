// What `bench orm` compiles for its row "compile": a user's file of ten tables with six columns each, relations between
// neighbours, and per table an insert, a filtered select, a get and an update.
#include <cstdint>
#include <string>

#include <tandem/orm.hpp>

namespace {

struct Country;
struct City;
struct Street;
struct House;
struct Flat;
struct Tenant;
struct Contract;
struct Invoice;
struct Payment;
struct Receipt;

struct Country : tandem::Model<Country> {
    std::string name;
    std::int64_t number = 0;
    double amount = 0;
    bool active = false;
    std::string code;
    tandem::Many<City> cities{};
    TANDEM_MODEL(Country, name, number, amount, active, code, (cities, back_populates("country")))
};
struct City : tandem::Model<City> {
    std::string name;
    std::int64_t number = 0;
    double amount = 0;
    bool active = false;
    std::int64_t country_id = 0;
    tandem::One<Country> country{};
    tandem::Many<Street> streets{};
    TANDEM_MODEL(City, name, number, amount, active, (country_id, foreign_key("country.id")),
        (country, back_populates("cities")), (streets, back_populates("city")))
};
struct Street : tandem::Model<Street> {
    std::string name;
    std::int64_t number = 0;
    double amount = 0;
    bool active = false;
    std::int64_t city_id = 0;
    tandem::One<City> city{};
    tandem::Many<House> houses{};
    TANDEM_MODEL(Street, name, number, amount, active, (city_id, foreign_key("city.id")),
        (city, back_populates("streets")), (houses, back_populates("street")))
};
struct House : tandem::Model<House> {
    std::string name;
    std::int64_t number = 0;
    double amount = 0;
    bool active = false;
    std::int64_t street_id = 0;
    tandem::One<Street> street{};
    tandem::Many<Flat> flats{};
    TANDEM_MODEL(House, name, number, amount, active, (street_id, foreign_key("street.id")),
        (street, back_populates("houses")), (flats, back_populates("house")))
};
struct Flat : tandem::Model<Flat> {
    std::string name;
    std::int64_t number = 0;
    double amount = 0;
    bool active = false;
    std::int64_t house_id = 0;
    tandem::One<House> house{};
    tandem::Many<Tenant> tenants{};
    TANDEM_MODEL(Flat, name, number, amount, active, (house_id, foreign_key("house.id")),
        (house, back_populates("flats")), (tenants, back_populates("flat")))
};
struct Tenant : tandem::Model<Tenant> {
    std::string name;
    std::int64_t number = 0;
    double amount = 0;
    bool active = false;
    std::int64_t flat_id = 0;
    tandem::One<Flat> flat{};
    tandem::Many<Contract> contracts{};
    TANDEM_MODEL(Tenant, name, number, amount, active, (flat_id, foreign_key("flat.id")),
        (flat, back_populates("tenants")), (contracts, back_populates("tenant")))
};
struct Contract : tandem::Model<Contract> {
    std::string name;
    std::int64_t number = 0;
    double amount = 0;
    bool active = false;
    std::int64_t tenant_id = 0;
    tandem::One<Tenant> tenant{};
    tandem::Many<Invoice> invoices{};
    TANDEM_MODEL(Contract, name, number, amount, active, (tenant_id, foreign_key("tenant.id")),
        (tenant, back_populates("contracts")), (invoices, back_populates("contract")))
};
struct Invoice : tandem::Model<Invoice> {
    std::string name;
    std::int64_t number = 0;
    double amount = 0;
    bool active = false;
    std::int64_t contract_id = 0;
    tandem::One<Contract> contract{};
    tandem::Many<Payment> payments{};
    TANDEM_MODEL(Invoice, name, number, amount, active, (contract_id, foreign_key("contract.id")),
        (contract, back_populates("invoices")), (payments, back_populates("invoice")))
};
struct Payment : tandem::Model<Payment> {
    std::string name;
    std::int64_t number = 0;
    double amount = 0;
    bool active = false;
    std::int64_t invoice_id = 0;
    tandem::One<Invoice> invoice{};
    tandem::Many<Receipt> receipts{};
    TANDEM_MODEL(Payment, name, number, amount, active, (invoice_id, foreign_key("invoice.id")),
        (invoice, back_populates("payments")), (receipts, back_populates("payment")))
};
struct Receipt : tandem::Model<Receipt> {
    std::string name;
    std::int64_t number = 0;
    double amount = 0;
    bool active = false;
    std::int64_t payment_id = 0;
    tandem::One<Payment> payment{};
    TANDEM_MODEL(Receipt, name, number, amount, active, (payment_id, foreign_key("payment.id")),
        (payment, back_populates("receipts")))
};

std::size_t use_country(tandem::Session& session) {
    session.add(Country{.name = "a", .number = 1, .amount = 1.5, .active = true, .code = "x"});
    const auto found =
        session.exec(Country::select().where(Country::c.number > 0 && Country::c.name.contains("a"))).all();
    if (auto one = session.get<Country>(1)) one->amount += 1;
    session.commit();
    return found.size();
}
std::size_t use_city(tandem::Session& session) {
    session.add(City{.name = "a", .number = 1, .amount = 1.5, .active = true, .country_id = 1});
    const auto found = session.exec(City::select().where(City::c.number > 1 && City::c.name.contains("a"))).all();
    if (auto one = session.get<City>(2)) one->amount += 1;
    session.commit();
    return found.size();
}
std::size_t use_street(tandem::Session& session) {
    session.add(Street{.name = "a", .number = 1, .amount = 1.5, .active = true, .city_id = 1});
    const auto found = session.exec(Street::select().where(Street::c.number > 2 && Street::c.name.contains("a"))).all();
    if (auto one = session.get<Street>(3)) one->amount += 1;
    session.commit();
    return found.size();
}
std::size_t use_house(tandem::Session& session) {
    session.add(House{.name = "a", .number = 1, .amount = 1.5, .active = true, .street_id = 1});
    const auto found = session.exec(House::select().where(House::c.number > 3 && House::c.name.contains("a"))).all();
    if (auto one = session.get<House>(4)) one->amount += 1;
    session.commit();
    return found.size();
}
std::size_t use_flat(tandem::Session& session) {
    session.add(Flat{.name = "a", .number = 1, .amount = 1.5, .active = true, .house_id = 1});
    const auto found = session.exec(Flat::select().where(Flat::c.number > 4 && Flat::c.name.contains("a"))).all();
    if (auto one = session.get<Flat>(5)) one->amount += 1;
    session.commit();
    return found.size();
}
std::size_t use_tenant(tandem::Session& session) {
    session.add(Tenant{.name = "a", .number = 1, .amount = 1.5, .active = true, .flat_id = 1});
    const auto found = session.exec(Tenant::select().where(Tenant::c.number > 5 && Tenant::c.name.contains("a"))).all();
    if (auto one = session.get<Tenant>(6)) one->amount += 1;
    session.commit();
    return found.size();
}
std::size_t use_contract(tandem::Session& session) {
    session.add(Contract{.name = "a", .number = 1, .amount = 1.5, .active = true, .tenant_id = 1});
    const auto found =
        session.exec(Contract::select().where(Contract::c.number > 6 && Contract::c.name.contains("a"))).all();
    if (auto one = session.get<Contract>(7)) one->amount += 1;
    session.commit();
    return found.size();
}
std::size_t use_invoice(tandem::Session& session) {
    session.add(Invoice{.name = "a", .number = 1, .amount = 1.5, .active = true, .contract_id = 1});
    const auto found =
        session.exec(Invoice::select().where(Invoice::c.number > 7 && Invoice::c.name.contains("a"))).all();
    if (auto one = session.get<Invoice>(8)) one->amount += 1;
    session.commit();
    return found.size();
}
std::size_t use_payment(tandem::Session& session) {
    session.add(Payment{.name = "a", .number = 1, .amount = 1.5, .active = true, .invoice_id = 1});
    const auto found =
        session.exec(Payment::select().where(Payment::c.number > 8 && Payment::c.name.contains("a"))).all();
    if (auto one = session.get<Payment>(9)) one->amount += 1;
    session.commit();
    return found.size();
}
std::size_t use_receipt(tandem::Session& session) {
    session.add(Receipt{.name = "a", .number = 1, .amount = 1.5, .active = true, .payment_id = 1});
    const auto found =
        session.exec(Receipt::select().where(Receipt::c.number > 9 && Receipt::c.name.contains("a"))).all();
    if (auto one = session.get<Receipt>(10)) one->amount += 1;
    session.commit();
    return found.size();
}

}  // namespace

std::size_t use_all(tandem::Session& session);
std::size_t use_all(tandem::Session& session) {
    return use_country(session) + use_city(session) + use_street(session) + use_house(session) + use_flat(session) +
        use_tenant(session) + use_contract(session) + use_invoice(session) + use_payment(session) +
        use_receipt(session);
}
