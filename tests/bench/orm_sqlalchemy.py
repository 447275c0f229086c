"""SQLAlchemy's side of `bench orm`: one workload, in memory or on file, as its ORM documentation has it written.

usage: orm_sqlalchemy.py SOURCES WORKLOAD memory|FILE wall|cpu RUNS
Prints one line per run: milliseconds and the checksum of what was read or written. After 2 s no further run starts.
"""

import os
import random
import sys
import time

import sqlalchemy
from sqlalchemy import ForeignKey, create_engine, event, select, text
from sqlalchemy.orm import DeclarativeBase, Mapped, Session, mapped_column, relationship, selectinload
from sqlalchemy.pool import QueuePool, StaticPool

ITEMS, CHANGED, TRANSACTIONS, HITS = 100_000, 10_000, 1_000, 1_000
GETS = 10_000  # of 100,000; the time is scaled
MASK = (1 << 64) - 1
ITEMS_CHECKSUM = (
    "SELECT count(*) + sum(id * 3 + number * 5 + length(name) * 7 + CAST(price * 4 AS INTEGER) * 11) FROM item"
)
NUMBERS_CHECKSUM = "SELECT sum(number * (id % 97 + 1)) FROM item"


class Base(DeclarativeBase):
    pass


class Item(Base):
    __tablename__ = "item"
    id: Mapped[int] = mapped_column(primary_key=True)
    number: Mapped[int]
    name: Mapped[str]
    price: Mapped[float]


class User(Base):
    __tablename__ = "user"
    id: Mapped[int] = mapped_column(primary_key=True)
    username: Mapped[str]
    email: Mapped[str]


class Post(Base):
    __tablename__ = "post"
    id: Mapped[int] = mapped_column(primary_key=True)
    title: Mapped[str]
    body: Mapped[str]
    user_id: Mapped[int] = mapped_column(ForeignKey("user.id"))
    user: Mapped["User"] = relationship()
    flags: Mapped[list["Flag"]] = relationship(back_populates="post")


class Flag(Base):
    __tablename__ = "flag"
    id: Mapped[int] = mapped_column(primary_key=True)
    message: Mapped[str]
    post_id: Mapped[int] = mapped_column(ForeignKey("post.id"))
    user_id: Mapped[int] = mapped_column(ForeignKey("user.id"))
    post: Mapped["Post"] = relationship(back_populates="flags")
    user: Mapped["User"] = relationship()


class Stopwatch:
    def __init__(self, clock):
        self.clock = time.thread_time if clock == "cpu" else time.perf_counter
        self.milliseconds = 0.0

    def __enter__(self):
        self.started = self.clock()

    def __exit__(self, *_):
        self.milliseconds += (self.clock() - self.started) * 1e3


def statements_of(sources, name):
    with open(os.path.join(sources, name), encoding="utf-8") as file:
        return [statement for statement in file.read().split(";\n") if statement.strip()]


def open_engine(sources, place, with_rows):
    if place == "memory":
        engine = create_engine("sqlite://", poolclass=StaticPool)
    else:
        for leftover in (place, place + "-wal", place + "-shm"):
            if os.path.exists(leftover):
                os.remove(leftover)
        engine = create_engine(f"sqlite:///{place}", poolclass=QueuePool)

    @event.listens_for(engine, "connect")
    def _(connection, _record):
        connection.execute("PRAGMA foreign_keys = ON")
        if place != "memory":
            connection.execute("PRAGMA journal_mode = WAL")
            connection.execute("PRAGMA synchronous = NORMAL")

    with engine.begin() as connection:
        for statement in statements_of(sources, "orm_schema.sql"):
            connection.exec_driver_sql(statement)
        if with_rows:
            for statement in statements_of(sources, "orm_rows.sql"):
                connection.exec_driver_sql(statement)
    return engine


def scalar(engine, sql):
    with engine.connect() as connection:
        return connection.execute(text(sql)).scalar_one()


def of_text(value):
    return int.from_bytes(value[-8:].encode(), "little") + len(value)


def of_item(id, number, name, price):
    return id * 3 + number * 5 + of_text(name) * 7 + int(price * 4) * 11


def of_items(items):
    return sum(of_item(item.id, item.number, item.name, item.price) for item in items)


def item_values(i):
    return {"number": (i * 7919) % 100003, "name": f"item-{i:015d}", "price": i * 0.25}


class Workloads:
    def __init__(self, sources, place):
        self.sources, self.place = sources, place
        self.engine = None

    def stored(self, with_rows=True):
        if self.engine is None:
            self.engine = open_engine(self.sources, self.place, with_rows)
        return self.engine

    def load_objects(self, watch):
        engine = self.stored()
        with watch:
            session = Session(engine)
            items = session.scalars(select(Item)).all()
        total = of_items(items)
        with watch:
            del items
            session.close()
        return total

    def read_objects(self, watch):
        engine = self.stored()
        with watch, Session(engine) as session:
            return of_items(session.scalars(select(Item)).all())

    def load_structs(self, watch):
        engine = self.stored()
        with watch, Session(engine) as session:
            rows = session.execute(select(Item.id, Item.number, Item.name, Item.price)).all()
        return sum(of_item(*row) for row in rows)

    def insert(self, watch):
        engine = open_engine(self.sources, self.place, False)
        values = [item_values(i) for i in range(1, ITEMS + 1)]
        with watch, Session(engine) as session:
            for item in values:
                session.add(Item(**item))
            session.commit()
        total = scalar(engine, ITEMS_CHECKSUM)
        engine.dispose()
        return total

    def get(self, watch):
        engine = self.stored()
        keys = list(range(1, ITEMS + 1))
        random.Random(42).shuffle(keys)
        session = Session(engine)
        with watch:
            items = [session.get(Item, key) for key in keys[:GETS]]
        watch.milliseconds *= ITEMS / GETS
        assert [item.id for item in items] == keys[:GETS]
        total = of_items(session.scalars(select(Item)).all())
        session.close()
        return total

    def hits(self, watch, count):
        engine = self.stored()
        keys = list(range(1, count + 1))
        random.Random(42).shuffle(keys)
        with Session(engine) as session:
            held = session.scalars(select(Item).where(Item.id <= count)).all()
            found = 0
            with watch:
                for _ in range(ITEMS // count):
                    for key in keys:
                        found += session.get(Item, key) is not None
            del held
        return found

    def hit(self, watch):
        return self.hits(watch, HITS)

    def hit_many(self, watch):
        return self.hits(watch, ITEMS)

    def graph(self, watch):
        engine = self.stored()
        query = select(Post).options(selectinload(Post.user), selectinload(Post.flags).selectinload(Flag.user))
        with watch:
            session = Session(engine)
            posts = session.scalars(query).all()
        total = 0
        for post in posts:
            total += post.id * 3 + of_text(post.title) * 5 + of_text(post.body) * 7 + of_text(post.user.username) * 11
            for flag in post.flags:
                total += flag.id * 13 + of_text(flag.message) * 17 + of_text(flag.user.username) * 19
        with watch:
            del posts
            session.close()
        return total

    def change(self, watch):
        engine = self.stored()
        before = scalar(engine, NUMBERS_CHECKSUM)
        with Session(engine) as session:
            items = session.scalars(select(Item).where(Item.id <= CHANGED)).all()
            with watch:
                for item in items:
                    item.number += 1
                session.commit()
        return scalar(engine, NUMBERS_CHECKSUM) - before

    def small_transactions(self, watch):
        engine = self.stored(with_rows=False)
        with watch:
            for i in range(1, TRANSACTIONS + 1):
                with Session(engine) as session:
                    session.add(Item(**item_values(i)))
                    session.commit()
        total = scalar(engine, ITEMS_CHECKSUM)
        with engine.begin() as connection:
            connection.exec_driver_sql("DELETE FROM item")
        return total


def main():
    if sys.argv[1:] == ["--version"]:
        print(sqlalchemy.__version__)
        return
    sources, workload, place, clock, runs = sys.argv[1:]
    workloads = Workloads(sources, place)
    started = time.perf_counter()
    for run in range(int(runs)):
        if run > 0 and time.perf_counter() - started > 2:
            break
        watch = Stopwatch(clock)
        total = getattr(workloads, workload)(watch)
        print(f"{watch.milliseconds:.6f} {total & MASK}", flush=True)


main()
