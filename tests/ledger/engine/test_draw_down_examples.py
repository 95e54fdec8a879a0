"""Every rule of the draw-down, worked out: what happens, and what there is before and after.

``worked_tables`` says how the tables are read.
"""

from __future__ import annotations

from datetime import date

import pytest

from ledger.balance.draw_down import Uncovered, draw_down
from tests.ledger.engine.record_factory import (
    make_entry,
    make_goodwill,
    make_history,
    make_purchase,
    make_records,
    make_refund,
    make_terms,
)
from tests.ledger.engine.worked_tables import read_examples

EXAMPLES = read_examples("""
## Order of a day
# a card still works on its last day
terms 2026-01-01: card 60, valid 1
2026-01-10 | P1 1 card    | +60 | 60
2026-02-09 = P1/1 left 60
2026-02-10 | alice/E1 45  | -45 | 15 | P1/1 45
2026-02-10 = P1/1 used 45, left 15
2026-02-11 | P1/1 expires | -15 |  0 | P1/1 15
2026-02-11 = P1/1 used 45, expired 15 (2026-02-11)

# expiry comes before everything else of the day after the last day
terms 2026-01-01: card 60, valid 1
2026-01-10 | P1 1 card      | +60 |  60
2026-02-10 = P1/1 left 60
2026-02-11 | P1/1 expires   | -60 |   0 | P1/1 60
2026-02-11 | A1 goodwill 15 | +15 |  15
2026-02-11 | alice/E1 45    | -45 | -30 | A1 15
2026-02-11 = P1/1 expired 60 (2026-02-11); A1 used 15 (2026-02-11); overdrawn alice/E1 30

# a card that is used up has nothing left to expire
terms 2026-01-01: card 60, valid 1
2026-01-10 | P1 1 card   | +60 | 60
2026-01-12 | alice/E1 60 | -60 |  0 | P1/1 60
2026-01-12 = P1/1 used 60 (2026-01-12)
2026-02-11 = P1/1 used 60 (2026-01-12)

# lots that expire on one day do so in the order in which they would be drawn on
terms 2026-01-01: card 60, valid 1
2026-01-30 | P10 1 card    |  +60 |  60
2026-01-31 | P2 2 cards    | +120 | 180
2026-01-31 | P9 1 card     |  +60 | 240
2026-03-01 | P10/1 expires |  -60 | 180 | P10/1 60
2026-03-01 | P2/1 expires  |  -60 | 120 | P2/1 60
2026-03-01 | P2/2 expires  |  -60 |  60 | P2/2 60
2026-03-01 | P9/1 expires  |  -60 |   0 | P9/1 60
2026-03-01 = P10/1 expired 60 (2026-03-01); P2/1 expired 60 (2026-03-01);
           = P2/2 expired 60 (2026-03-01); P9/1 expired 60 (2026-03-01)

# what is bought on a day can be used on that day
2026-01-09 = nothing
2026-01-10 | P1 1 card      | +60 | 60
2026-01-10 | A1 goodwill 30 | +30 | 90
2026-01-10 | alice/E1 75    | -75 | 15 | P1/1 60, A1 15
2026-01-10 = P1/1 used 60 (2026-01-10); A1 used 15, left 15

# purchases come in before goodwill, each by id, digits as numbers
2026-01-10 | P2 1 card       | +60 |  60
2026-01-10 | P10 1 card      | +60 | 120
2026-01-10 | A9 goodwill 15  | +15 | 135
2026-01-10 | A10 goodwill 30 | +30 | 165
2026-01-10 = P2/1 left 60; P10/1 left 60; A9 left 15; A10 left 30

# time entries of a day count by file name, then by id, digits as numbers
2026-01-10 | P1 1 card    | +60 |  60
2026-01-12 | alice/E9 15  | -15 |  45 | P1/1 15
2026-01-12 | alice/E10 15 | -15 |  30 | P1/1 15
2026-01-12 | ben2/E1 15   | -15 |  15 | P1/1 15
2026-01-12 | ben10/E1 15  | -15 |   0 | P1/1 15
2026-01-12 | zoe/E1 15    | -15 | -15
2026-01-12 = P1/1 used 60 (2026-01-12); overdrawn zoe/E1 15

# corrections come after all time entries of the day, whatever their ids
2026-01-10 | P1 1 card                 | +60 |  60
2026-01-12 | alice/E9 60               | -60 |   0 | P1/1 60
2026-01-12 = P1/1 used 60 (2026-01-12)
2026-01-13 | alice/E8 30               | -30 | -30 | P1/1 30
2026-01-13 | alice/E1 -45 for alice/E9 | +45 |  15 | P1/1 -45
2026-01-13 = P1/1 used 45, left 15

# corrections of a day come in the order of entries: file name, then id
2026-01-12 | alice/E1 60                | -60 | -60
2026-01-12 = overdrawn alice/E1 60
2026-01-13 | alice/E3 -15 for alice/E1  | +15 | -45
2026-01-13 | alice/E20 -15 for alice/E1 | +15 | -30
2026-01-13 | ben/E2 -30 for alice/E1    | +30 |   0
2026-01-13 = nothing
2026-01-14 | A1 goodwill 15             | +15 |  15
2026-01-14 = A1 left 15

# refunds come last: they take what time and corrections of the day have left
2026-01-10 | P1 1 card                 | +60 |  60
2026-01-11 | alice/E1 60               | -60 |   0 | P1/1 60
2026-01-11 = P1/1 used 60 (2026-01-11)
2026-01-12 | alice/E3 15               | -15 | -15 | P1/1 15
2026-01-12 | alice/E2 -45 for alice/E1 | +45 |  30 | P1/1 -45
2026-01-12 | A1 refund 30 of P1        | -30 |   0 | P1/1 30
2026-01-12 = P1/1 used 30, refunded 30 (2026-01-12)

## Draw order
# the earliest expiry is drawn on first, not the earliest purchase
terms 2026-01-01: card 60, valid 12
terms 2026-02-01: card 60, valid 1
2026-01-10 | P1 1 card   | +60 |  60
2026-02-10 | P2 1 card   | +60 | 120
2026-02-11 = P1/1 left 60; P2/1 left 60
2026-02-12 | alice/E1 75 | -75 |  45 | P2/1 60, P1/1 15
2026-02-12 = P1/1 used 15, left 45; P2/1 used 60 (2026-02-12)

# what does not expire is drawn on last
terms 2026-01-01: card 60
terms 2026-02-01: card 60, valid 12
2026-01-10 | P1 1 card      | +60 |  60
2026-01-10 | A1 goodwill 15 | +15 |  75
2026-02-10 | P2 1 card      | +60 | 135
2026-02-12 | alice/E1 75    | -75 |  60 | P2/1 60, P1/1 15
2026-02-12 = P1/1 used 15, left 45; A1 left 15; P2/1 used 60 (2026-02-12)

# of lots that expire on one day the earlier is drawn on first
terms 2026-01-01: card 60, valid 1
2026-01-30 | P2 1 card   | +60 |  60
2026-01-31 | P1 1 card   | +60 | 120
2026-02-02 | alice/E1 15 | -15 | 105 | P2/1 15
2026-02-02 = P2/1 used 15, left 45; P1/1 left 60

# of lots that do not expire the earlier is drawn on first, goodwill too
2026-01-10 | A2 goodwill 15 | +15 | 15
2026-01-11 | P1 1 card      | +60 | 75
2026-01-11 | A1 goodwill 15 | +15 | 90
2026-01-12 | alice/E1 30    | -30 | 60 | A2 15, P1/1 15
2026-01-12 = A2 used 15 (2026-01-12); P1/1 used 15, left 45; A1 left 15

# cards of a day are drawn on before its goodwill, whatever the ids
2026-01-10 | P1 1 card      | +60 | 60
2026-01-10 | A1 goodwill 30 | +30 | 90
2026-01-12 | alice/E1 75    | -75 | 15 | P1/1 60, A1 15
2026-01-12 = P1/1 used 60 (2026-01-12); A1 used 15, left 15

# lots of a day are drawn on by id, digits as numbers
2026-01-10 | P2 1 card   | +60 |  60
2026-01-10 | P10 1 card  | +60 | 120
2026-01-12 | alice/E1 75 | -75 |  45 | P2/1 60, P10/1 15
2026-01-12 = P2/1 used 60 (2026-01-12); P10/1 used 15, left 45

# the tenth card comes after the second
terms 2026-01-01: card 15
2026-01-10 | P1 10 cards | +150 | 150
2026-01-12 | alice/E1 30 |  -30 | 120 | P1/1 15, P1/2 15
2026-01-12 = P1/1 used 15 (2026-01-12); P1/2 used 15 (2026-01-12); P1/3 left 15; P1/4 left 15;
           = P1/5 left 15; P1/6 left 15; P1/7 left 15; P1/8 left 15; P1/9 left 15; P1/10 left 15

# an entry may span several lots
2026-01-10 | P1 3 cards   | +180 | 180
2026-01-11 = P1/1 left 60; P1/2 left 60; P1/3 left 60
2026-01-12 | alice/E1 135 | -135 |  45 | P1/1 60, P1/2 60, P1/3 15
2026-01-12 = P1/1 used 60 (2026-01-12); P1/2 used 60 (2026-01-12); P1/3 used 15, left 45

# a card is as long as the terms said on the day of its purchase
terms 2026-01-01: card 60
terms 2026-02-01: card 30
2026-01-31 | P1 1 card | +60 | 60
2026-02-01 | P2 1 card | +30 | 90
2026-02-01 = P1/1 left 60; P2/1 left 30

## Overdrawn and settlement
# what no lot covers is overdrawn
2026-01-10 | P1 1 card   | +60 |  60
2026-01-11 = P1/1 left 60
2026-01-12 | alice/E1 75 | -75 | -15 | P1/1 60
2026-01-12 | alice/E2 30 | -30 | -45
2026-01-12 = P1/1 used 60 (2026-01-12); overdrawn alice/E1 15; overdrawn alice/E2 30

# a purchase settles what is overdrawn, and what covered it is told at the entry
2026-01-12 | alice/E1 45 | -45 | -45 | P1/1 45
2026-01-12 = overdrawn alice/E1 45
2026-01-19 = overdrawn alice/E1 45
2026-01-20 | P1 1 card   | +60 |  15
2026-01-20 = P1/1 used 45, left 15

# goodwill settles what is overdrawn
2026-01-10 | P1 1 card      | +60 |  60
2026-01-12 | alice/E1 75    | -75 | -15 | P1/1 60, A1 15
2026-01-19 = P1/1 used 60 (2026-01-12); overdrawn alice/E1 15
2026-01-20 | A1 goodwill 30 | +30 |  15
2026-01-20 = P1/1 used 60 (2026-01-12); A1 used 15, left 15

# a correction settles what another entry has overdrawn, on its own day
2026-01-10 | P1 1 card                 | +60 |  60
2026-01-12 | alice/E1 60               | -60 |   0 | P1/1 60
2026-01-13 | alice/E2 30               | -30 | -30 | P1/1 30
2026-01-19 = P1/1 used 60 (2026-01-12); overdrawn alice/E2 30
2026-01-20 | alice/E3 -45 for alice/E1 | +45 |  15 | P1/1 -45
2026-01-20 = P1/1 used 45, left 15

# the oldest entry is settled first
2026-01-12 | ben/E2 30      | -30 | -30 | A1 30
2026-01-13 | alice/E1 30    | -30 | -60 | A1 15
2026-01-13 | alice/E3 30    | -30 | -90
2026-01-19 = overdrawn ben/E2 30; overdrawn alice/E1 30; overdrawn alice/E3 30
2026-01-20 | A1 goodwill 45 | +45 | -45
2026-01-20 = A1 used 45 (2026-01-20); overdrawn alice/E1 15; overdrawn alice/E3 30

# an entry can be settled bit by bit
2026-01-12 | alice/E1 45    | -45 | -45 | A1 15, A2 15, A3 15
2026-01-20 | A1 goodwill 15 | +15 | -30
2026-01-20 = A1 used 15 (2026-01-20); overdrawn alice/E1 30
2026-01-21 | A2 goodwill 15 | +15 | -15
2026-01-21 = A1 used 15 (2026-01-20); A2 used 15 (2026-01-21); overdrawn alice/E1 15
2026-01-22 | A3 goodwill 60 | +60 |  45
2026-01-22 = A1 used 15 (2026-01-20); A2 used 15 (2026-01-21); A3 used 15, left 45

# settlement waits until all lots of the day have come in, and draws in draw order
terms 2026-01-01: card 60, valid 12
2026-01-12 | alice/E1 45    |  -45 |  -45 | P1/1 45
2026-01-12 | alice/E2 90    |  -90 | -135 | P1/1 15, P1/2 60, A1 15
2026-01-20 | P1 2 cards     | +120 |  -15
2026-01-20 | A1 goodwill 30 |  +30 |   15
2026-01-20 = P1/1 used 60 (2026-01-20); P1/2 used 60 (2026-01-20); A1 used 15, left 15

# what settles older time is gone for the time of its own day
2026-01-12 | alice/E1 45 | -45 | -45 | P1/1 45
2026-01-20 | P1 1 card   | +60 |  15
2026-01-20 | alice/E2 30 | -30 | -15 | P1/1 15
2026-01-20 = P1/1 used 60 (2026-01-20); overdrawn alice/E2 15

# an expired card settles nothing
terms 2026-01-01: card 60, valid 1
2026-01-10 | P1 1 card                 | +60 |  60
2026-01-12 | alice/E1 60               | -60 |   0 | P1/1 60
2026-02-11 | alice/E2 30               | -30 | -30
2026-02-11 = P1/1 used 60 (2026-01-12); overdrawn alice/E2 30
2026-02-12 | alice/E3 -45 for alice/E1 |   0 | -30 | P1/1 -45
2026-02-12 = P1/1 used 15, expired 45 (2026-01-12); overdrawn alice/E2 30

## Corrections
# minutes go back in the reverse order of the draw-down
2026-01-10 | P1 3 cards                | +180 | 180
2026-01-12 | alice/E1 135              | -135 |  45 | P1/1 60, P1/2 60, P1/3 15
2026-01-12 = P1/1 used 60 (2026-01-12); P1/2 used 60 (2026-01-12); P1/3 used 15, left 45
2026-01-13 | alice/E2 -30 for alice/E1 |  +30 |  75 | P1/3 -15, P1/2 -15
2026-01-13 = P1/1 used 60 (2026-01-12); P1/2 used 45, left 15; P1/3 left 60
2026-01-14 | alice/E3 -60 for alice/E1 |  +60 | 135 | P1/2 -45, P1/1 -15
2026-01-14 = P1/1 used 45, left 15; P1/2 left 60; P1/3 left 60

# what is still overdrawn goes first, then the lots
2026-01-10 | P1 1 card                 | +60 |  60
2026-01-12 | alice/E1 90               | -90 | -30 | P1/1 60
2026-01-12 = P1/1 used 60 (2026-01-12); overdrawn alice/E1 30
2026-01-13 | alice/E2 -15 for alice/E1 | +15 | -15
2026-01-13 = P1/1 used 60 (2026-01-12); overdrawn alice/E1 15
2026-01-14 | alice/E3 -30 for alice/E1 | +30 |  15 | P1/1 -15
2026-01-14 = P1/1 used 45, left 15

# a correction takes back exactly what is overdrawn and touches no lot
2026-01-10 | P1 1 card                 | +60 |  60
2026-01-12 | alice/E1 90               | -90 | -30 | P1/1 60
2026-01-13 | alice/E2 -30 for alice/E1 | +30 |   0
2026-01-13 = P1/1 used 60 (2026-01-12)

# what was settled last goes back first, even to a lot that was drawn on before
2026-01-10 | A1 goodwill 30            | +30 |  30
2026-01-10 | A2 goodwill 15            | +15 |  45
2026-01-11 | alice/E1 15               | -15 |  30 | A1 15
2026-01-12 | alice/E2 45               | -45 | -15 | A1 30, A2 15
2026-01-12 = A1 used 30 (2026-01-12); A2 used 15 (2026-01-12); overdrawn alice/E2 15
2026-01-13 | alice/E3 -15 for alice/E1 | +15 |   0 | A1 -15
2026-01-13 = A1 used 30 (2026-01-13); A2 used 15 (2026-01-12)
2026-01-14 | alice/E4 -30 for alice/E2 | +30 |  30 | A1 -15, A2 -15
2026-01-14 = A1 used 15, left 15; A2 left 15

# minutes given back to a card that expired unused stay expired
terms 2026-01-01: card 60, valid 1
2026-01-10 | P1 1 card                 | +60 | 60
2026-01-12 | alice/E1 45               | -45 | 15 | P1/1 45
2026-02-11 | P1/1 expires              | -15 |  0 | P1/1 15
2026-02-11 = P1/1 used 45, expired 15 (2026-02-11)
2026-02-20 | alice/E2 -30 for alice/E1 |   0 |  0 | P1/1 -30
2026-02-20 = P1/1 used 15, expired 45 (2026-02-11)

# minutes given back to a card that was used up before it expired leave its completion
terms 2026-01-01: card 60, valid 1
2026-01-10 | P1 1 card                 | +60 | 60
2026-01-12 | alice/E1 60               | -60 |  0 | P1/1 60
2026-02-20 | alice/E2 -30 for alice/E1 |   0 |  0 | P1/1 -30
2026-02-20 = P1/1 used 30, expired 30 (2026-01-12)

# on its last day a card takes minutes back, and loses them the day after
terms 2026-01-01: card 60, valid 1
2026-01-10 | P1 1 card                 | +60 | 60
2026-01-12 | alice/E1 60               | -60 |  0 | P1/1 60
2026-02-09 = P1/1 used 60 (2026-01-12)
2026-02-10 | alice/E2 -30 for alice/E1 | +30 | 30 | P1/1 -30
2026-02-10 = P1/1 used 30, left 30
2026-02-11 | P1/1 expires              | -30 |  0 | P1/1 30
2026-02-11 = P1/1 used 30, expired 30 (2026-02-11)

# of a correction over two cards only what goes to the open one counts
terms 2026-01-01: card 60, valid 1
2026-01-10 | P1 1 card                 | +60 |  60
2026-01-20 | P2 1 card                 | +60 | 120
2026-01-21 | alice/E1 75               | -75 |  45 | P1/1 60, P2/1 15
2026-02-15 | alice/E2 -45 for alice/E1 | +15 |  60 | P2/1 -15, P1/1 -30
2026-02-15 = P1/1 used 30, expired 30 (2026-01-21); P2/1 left 60

# a correction may stand in another file and in another month
2026-01-10 | P1 1 card               | +60 | 60
2026-01-31 | alice/E1 45             | -45 | 15 | P1/1 45
2026-01-31 = P1/1 used 45, left 15
2026-02-01 | ben/E1 -15 for alice/E1 | +15 | 30 | P1/1 -15
2026-02-01 = P1/1 used 30, left 30

# what is given back is drawn on in draw order again
2026-01-10 | P1 3 cards                | +180 | 180
2026-01-12 | alice/E1 60               |  -60 | 120 | P1/1 60
2026-01-13 | alice/E2 60               |  -60 |  60 | P1/2 60
2026-01-14 | alice/E3 -15 for alice/E2 |  +15 |  75 | P1/2 -15
2026-01-15 | alice/E4 -15 for alice/E1 |  +15 |  90 | P1/1 -15
2026-01-15 = P1/1 used 45, left 15; P1/2 used 45, left 15; P1/3 left 60
2026-01-16 | alice/E5 45               |  -45 |  45 | P1/1 15, P1/2 15, P1/3 15
2026-01-16 = P1/1 used 60 (2026-01-16); P1/2 used 60 (2026-01-16); P1/3 used 15, left 45

# a card that takes minutes back while it still has some is not drawn on twice
2026-01-10 | P1 2 cards                | +120 | 120
2026-01-12 | alice/E1 59               |  -59 |  61 | P1/1 59
2026-01-13 | alice/E2 -14 for alice/E1 |  +14 |  75 | P1/1 -14
2026-01-13 = P1/1 used 45, left 15; P1/2 left 60
2026-01-14 | alice/E3 15               |  -15 |  60 | P1/1 15
2026-01-15 | alice/E4 15               |  -15 |  45 | P1/2 15
2026-01-15 = P1/1 used 60 (2026-01-14); P1/2 used 15, left 45

# a correction of technical support gives nothing back
2026-01-10 | P1 1 card                        | +60 | 60
2026-01-12 | alice/E1 45 as technical-support |   0 | 60
2026-01-13 | alice/E2 -15 for alice/E1        |   0 | 60
2026-01-13 = P1/1 left 60
2026-01-14 | alice/E3 -45 for alice/E1        |   0 | 60
2026-01-14 = P1/1 left 60; too much alice/E3 45 of 30

# a charged entry is given back although its request has moved to support
request ACME-2: punchcard, 2026-01-13 to support
2026-01-10 | P1 1 card                           | +60 | 60
2026-01-12 | alice/E1 45 on ACME-2               | -45 | 15 | P1/1 45
2026-01-13 | alice/E2 30 on ACME-2               |   0 | 15
2026-01-14 | alice/E3 -15 on ACME-2 for alice/E1 | +15 | 30 | P1/1 -15
2026-01-14 = P1/1 used 30, left 30

# a free entry stays free although its request has moved to punchcard
request ACME-2: support, 2026-01-13 to punchcard
2026-01-10 | P1 1 card                           | +60 | 60
2026-01-12 | alice/E1 45 on ACME-2               |   0 | 60
2026-01-13 | alice/E2 30 on ACME-2               | -30 | 30 | P1/1 30
2026-01-14 | alice/E3 -15 on ACME-2 for alice/E1 |   0 | 30
2026-01-14 = P1/1 used 30, left 30

# no more comes back than is left of the entry
2026-01-10 | P1 1 card                 | +60 | 60
2026-01-12 | alice/E1 30               | -30 | 30 | P1/1 30
2026-01-13 | alice/E2 -15 for alice/E1 | +15 | 45 | P1/1 -15
2026-01-13 = P1/1 used 15, left 45
2026-01-14 | alice/E3 -30 for alice/E1 | +15 | 60 | P1/1 -15
2026-01-15 | alice/E4 -15 for alice/E1 |   0 | 60
2026-01-15 = P1/1 left 60; too much alice/E3 30 of 15; too much alice/E4 15 of 0

# a correction of what is not there, or not yet, or is itself a correction, gives nothing back
2026-01-10 | P1 1 card                 | +60 | 60
2026-01-11 | alice/E2 -15 for alice/E9 |   0 | 60
2026-01-12 | alice/E1 30               | -30 | 30 | P1/1 30
2026-01-12 | alice/E3 -15 for ben/E1   |   0 | 30
2026-01-12 | alice/E4 -15 for alice/E1 | +15 | 45 | P1/1 -15
2026-01-12 | alice/E5 -15 for alice/E4 |   0 | 45
2026-01-13 | alice/E9 15               | -15 | 30 | P1/1 15
2026-01-13 = P1/1 used 30, left 30

## Refunds
# a refund takes the last card first, then the one before
2026-01-10 | P1 3 cards         | +180 | 180
2026-01-12 | alice/E1 15        |  -15 | 165 | P1/1 15
2026-01-13 | A1 refund 75 of P1 |  -75 |  90 | P1/3 60, P1/2 15
2026-01-13 = P1/1 used 15, left 45; P1/2 refunded 15, left 45; P1/3 refunded 60 (2026-01-13)
2026-01-14 | A2 refund 60 of P1 |  -60 |  30 | P1/2 45, P1/1 15
2026-01-14 = P1/1 used 15, refunded 15, left 30; P1/2 refunded 60 (2026-01-14);
           = P1/3 refunded 60 (2026-01-13)

# the tenth card is refunded before the ninth, and long before the second
terms 2026-01-01: card 15
2026-01-10 | P1 10 cards        | +150 | 150
2026-01-13 | A1 refund 30 of P1 |  -30 | 120 | P1/10 15, P1/9 15
2026-01-13 = P1/1 left 15; P1/2 left 15; P1/3 left 15; P1/4 left 15; P1/5 left 15; P1/6 left 15;
           = P1/7 left 15; P1/8 left 15; P1/9 refunded 15 (2026-01-13);
           = P1/10 refunded 15 (2026-01-13)

# a refund takes from its own purchase alone
2026-01-10 | P1 1 card          | +60 |  60
2026-01-11 | P2 1 card          | +60 | 120
2026-01-11 | A1 goodwill 30     | +30 | 150
2026-01-13 | A2 refund 75 of P1 | -60 |  90 | P1/1 60
2026-01-13 = P1/1 refunded 60 (2026-01-13); P2/1 left 60; A1 left 30; too much A2 75 of 60

# refunds of a day are taken by id, digits as numbers
2026-01-10 | P1 1 card           | +60 | 60
2026-01-13 | A9 refund 45 of P1  | -45 | 15 | P1/1 45
2026-01-13 | A10 refund 30 of P1 | -15 |  0 | P1/1 15
2026-01-13 = P1/1 refunded 60 (2026-01-13); too much A10 30 of 15

# used minutes are not refunded
2026-01-10 | P1 1 card          | +60 | 60
2026-01-12 | alice/E1 60        | -60 |  0 | P1/1 60
2026-01-13 | A1 refund 15 of P1 |   0 |  0
2026-01-13 = P1/1 used 60 (2026-01-12); too much A1 15 of 0

# expired minutes are not refunded
terms 2026-01-01: card 60, valid 1
2026-01-10 | P1 2 cards         | +120 | 120
2026-02-10 | A1 refund 15 of P1 |  -15 | 105 | P1/2 15
2026-02-10 = P1/1 left 60; P1/2 refunded 15, left 45
2026-02-11 | P1/1 expires       |  -60 |  45 | P1/1 60
2026-02-11 | P1/2 expires       |  -45 |   0 | P1/2 45
2026-02-11 | A2 refund 15 of P1 |    0 |   0
2026-02-11 = P1/1 expired 60 (2026-02-11); P1/2 refunded 15, expired 45 (2026-02-11);
           = too much A2 15 of 0

# what was refunded cannot be used
2026-01-10 | P1 1 card          | +60 |  60
2026-01-12 | A1 refund 60 of P1 | -60 |   0 | P1/1 60
2026-01-13 | alice/E1 15        | -15 | -15
2026-01-13 = P1/1 refunded 60 (2026-01-12); overdrawn alice/E1 15

# of a card that was partly refunded a correction gives back no more than was used
2026-01-10 | P1 1 card                 | +60 | 60
2026-01-12 | alice/E1 30               | -30 | 30 | P1/1 30
2026-01-13 | A1 refund 30 of P1        | -30 |  0 | P1/1 30
2026-01-13 = P1/1 used 30, refunded 30 (2026-01-13)
2026-01-14 | alice/E2 -30 for alice/E1 | +30 | 30 | P1/1 -30
2026-01-14 = P1/1 refunded 30, left 30

# a refund of a purchase that is not there takes nothing
2026-01-10 | P1 1 card          | +60 | 60
2026-01-12 | A1 refund 15 of P2 |   0 | 60
2026-01-12 = P1/1 left 60; too much A1 15 of 0

## Completion
# a card is completed, opened again by a correction, and completed later
2026-01-10 | P1 1 card                 | +60 | 60
2026-01-11 = P1/1 left 60
2026-01-12 | alice/E1 60               | -60 |  0 | P1/1 60
2026-01-12 = P1/1 used 60 (2026-01-12)
2026-01-13 | alice/E2 -15 for alice/E1 | +15 | 15 | P1/1 -15
2026-01-13 = P1/1 used 45, left 15
2026-01-19 = P1/1 used 45, left 15
2026-01-20 | alice/E3 15               | -15 |  0 | P1/1 15
2026-01-20 = P1/1 used 60 (2026-01-20)

# a card opened and used up again by settlement bears the later day
2026-01-10 | P1 1 card                 | +60 |  60
2026-01-12 | alice/E1 60               | -60 |   0 | P1/1 60
2026-01-13 | alice/E2 30               | -30 | -30 | P1/1 15
2026-01-19 = P1/1 used 60 (2026-01-12); overdrawn alice/E2 30
2026-01-20 | alice/E3 -15 for alice/E1 | +15 | -15 | P1/1 -15
2026-01-20 = P1/1 used 60 (2026-01-20); overdrawn alice/E2 15

# a correction of what is overdrawn opens no card
2026-01-10 | P1 1 card                 | +60 |  60
2026-01-12 | alice/E1 75               | -75 | -15 | P1/1 60
2026-01-13 | alice/E2 -15 for alice/E1 | +15 |   0
2026-01-13 = P1/1 used 60 (2026-01-12)

# goodwill is completed like a card
2026-01-10 | A1 goodwill 30            | +30 | 30
2026-01-12 | alice/E1 30               | -30 |  0 | A1 30
2026-01-12 = A1 used 30 (2026-01-12)
2026-01-13 | alice/E2 -15 for alice/E1 | +15 | 15 | A1 -15
2026-01-13 = A1 used 15, left 15

# a refund of all that is left completes a card
2026-01-10 | P1 1 card          | +60 | 60
2026-01-12 | alice/E1 30        | -30 | 30 | P1/1 30
2026-01-12 = P1/1 used 30, left 30
2026-01-13 | A1 refund 30 of P1 | -30 |  0 | P1/1 30
2026-01-13 = P1/1 used 30, refunded 30 (2026-01-13)

# used, refunded, expired and left always make up the card
terms 2026-01-01: card 60, valid 1
2026-01-10 | P1 1 card                 | +60 | 60
2026-01-10 = P1/1 left 60
2026-01-12 | alice/E1 30               | -30 | 30 | P1/1 30
2026-01-12 = P1/1 used 30, left 30
2026-01-13 | A1 refund 15 of P1        | -15 | 15 | P1/1 15
2026-01-13 = P1/1 used 30, refunded 15, left 15
2026-02-11 | P1/1 expires              | -15 |  0 | P1/1 15
2026-02-11 = P1/1 used 30, refunded 15, expired 15 (2026-02-11)
2026-02-12 | alice/E2 -15 for alice/E1 |   0 |  0 | P1/1 -15
2026-02-12 = P1/1 used 15, refunded 15, expired 30 (2026-02-11)
""")


@pytest.mark.parametrize("rule", EXAMPLES)
def test_worked_example(rule: str) -> None:
    EXAMPLES[rule].check()


def test_purchase_before_the_first_terms_is_no_card() -> None:
    records = make_records(
        purchases=[make_purchase("P1", "2026-01-31"), make_purchase("P2", "2026-02-01")]
    )
    drawn = draw_down(records, make_history(make_terms("2026-02-01")), date(2026, 12, 31))
    assert [lot.id for lot in drawn.lots] == ["P2/1"]
    assert [line.reference for line in drawn.movements] == ["P2"]


def test_uncovered_entry_bears_its_own_day() -> None:
    records = make_records(entries=[make_entry("alice/E1", "2026-01-12", 45)])
    drawn = draw_down(records, make_history(), date(2026, 12, 31))
    assert drawn.uncovered == (Uncovered("2026-01-alice/E1", date(2026, 1, 12), 45),)


def test_lot_knows_when_it_was_completed_and_opened_again() -> None:
    example = EXAMPLES["a card is completed, opened again by a correction, and completed later"]
    (lot,) = draw_down(example.records, example.history, date(2026, 12, 31)).lots
    assert lot.completions == [
        (date(2026, 1, 12), True),
        (date(2026, 1, 13), False),
        (date(2026, 1, 20), True),
    ]
    assert [lot.find_completion(date(2026, 1, day)) for day in (11, 12, 13, 19, 20)] == [
        None,
        date(2026, 1, 12),
        None,
        None,
        date(2026, 1, 20),
    ]


def test_last_day_of_the_calendar_has_no_day_after() -> None:
    records = make_records(purchases=[make_purchase("P1", "9999-11-30")])
    terms = make_history(make_terms(valid=24))
    (lot,) = draw_down(records, terms, date.max).lots
    assert lot.last_day == date.max
    assert lot.remaining_minutes == 60


def test_goodwill_of_a_minute_is_a_lot() -> None:
    records = make_records(adjustments=[make_goodwill("A1", "2026-01-10", 1)])
    drawn = draw_down(records, make_history(), date(2026, 12, 31))
    assert [(lot.id, lot.remaining_minutes) for lot in drawn.lots] == [("A1", 1)]


@pytest.mark.parametrize("minutes", [0, -15])
def test_refund_of_nothing_takes_nothing(minutes: int) -> None:
    records = make_records(
        purchases=[make_purchase("P1", "2026-01-10")],
        adjustments=[make_refund("A1", "2026-01-12", "P1", minutes)],
    )
    drawn = draw_down(records, make_history(), date(2026, 12, 31))
    assert (drawn.balance_minutes, drawn.excesses) == (60, ())


@pytest.mark.parametrize("minutes", [0, -15])
def test_goodwill_that_adds_nothing_is_no_lot(minutes: int) -> None:
    records = make_records(
        adjustments=[make_goodwill("A1", "2026-01-10", minutes)],
        entries=[make_entry("alice/E1", "2026-01-12", 15)],
    )
    drawn = draw_down(records, make_history(), date(2026, 12, 31))
    assert drawn.lots == ()
    assert [line.reference for line in drawn.movements] == ["2026-01-alice/E1"]
    assert drawn.balance_minutes == -15


def test_records_with_the_same_id_are_an_error_but_no_obstacle() -> None:
    records = make_records(
        purchases=[make_purchase("P1", "2026-01-10"), make_purchase("P1", "2026-01-10")],
        entries=[
            make_entry("alice/E1", "2026-01-12", 15),
            make_entry("alice/E1", "2026-01-12", 30),
            make_entry("alice/E2", "2026-01-13", -30, corrects="E1"),
        ],
    )
    drawn = draw_down(records, make_history(), date(2026, 12, 31))
    assert drawn.balance_minutes == 120 - 15 - 30 + 15
    assert [(item.minutes, item.available_minutes) for item in drawn.excesses] == [(30, 15)]
