"""The access proof: nobody reads or changes what is not hers, through any route or form.

    world.py    a small country in which every text of every unit carries a word of its own
    resources.py, people.py
                what it has of donors and money, and of the people helped
    oracle.py   which of these words a person may read, written without the product's querysets
    routes.py   every route of the URL resolver, with the objects its arguments may name
    pages.py    the forms of a page and how a browser would send them
    prober.py   asks as a person, takes everything back, finds words, changes and errors
    probes.py   the classes of probes and their sum

The suite takes a fixed sample (`test_access_proof.py`); `make proof` asks everything
(`proofs/access.py`).
"""
