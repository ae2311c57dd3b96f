"""Who is known to the demo's organizations: people of the past, at addresses that do not exist."""

from collections.abc import Sequence

from earners.services import ListedPerson, Person

EARNER = "ada.lovelace@earners.example"
EARNERS_DOMAIN = "earners.example"

# As a school's program exports it: semicolons, Italian headings, an empty row, one address twice, one that is none.
EXPORT = """Cognome;Nome;E-mail;Classe;Voto
Lovelace;Ada;ada.lovelace@earners.example;5A;98
Montessori;Maria;maria.montessori@earners.example;5A;100
Levi-Montalcini;Rita;rita.levi@earners.example;5B;99
Fermi;Enrico;enrico.fermi@earners.example;5B;91

Noether;Emmy;emmy.noether@earners.example;5A;97
Galilei;Galileo;galileo.galilei@earners.example;5C;88
Curie;Marie;Marie.Curie@earners.example;5C;96
Curie;Marie;marie.curie@earners.example;5C;96
Turing;Alan;alan.turing@earners.example;5B;93
Senza;Indirizzo;;5C;70
Sbagliato;Anna;anna.sbagliato@;5C;81
Hopper;Grace;grace.hopper@earners.example;5A;95
Ramanujan;Srinivasa;srinivasa.ramanujan@earners.example;5B;92
Franklin;Rosalind;rosalind.franklin@earners.example;5A;94
Volta;Alessandro;alessandro.volta@earners.example;5C;85
Agnesi;Maria Gaetana;gaetana.agnesi@earners.example;5B;90
"""
# As they stand in the export, so that they are the same earners.
STUDENTS = [
    Person(email="ada.lovelace@earners.example", first_name="Ada", last_name="Lovelace"),
    Person(email="maria.montessori@earners.example", first_name="Maria", last_name="Montessori"),
    Person(email="rita.levi@earners.example", first_name="Rita", last_name="Levi-Montalcini"),
    Person(email="enrico.fermi@earners.example", first_name="Enrico", last_name="Fermi"),
    Person(email="emmy.noether@earners.example", first_name="Emmy", last_name="Noether"),
    Person(email="galileo.galilei@earners.example", first_name="Galileo", last_name="Galilei"),
    Person(email="alan.turing@earners.example", first_name="Alan", last_name="Turing"),
    Person(email="grace.hopper@earners.example", first_name="Grace", last_name="Hopper"),
]
ADA, MARIA, RITA, ENRICO, EMMY, GALILEO, ALAN, GRACE = STUDENTS
COURSE = [
    *["Mary Anning", "Laura Bassi", "Jocelyn Bell", "Rachel Carson", "Gerty Cori", "Nicolaus Copernicus"],
    *[
        "Elena Cornaro",
        "Charles Darwin",
        "Albert Einstein",
        "Leonhard Euler",
        "Michael Faraday",
        "Luigi Galvani",
    ],
    *["Carl Gauss", "Sophie Germain", "Margherita Hack", "Caroline Herschel", "Dorothy Hodgkin", "Hypatia"],
    *[
        "Katherine Johnson",
        "Sofia Kovalevskaya",
        "Guglielmo Marconi",
        "James Maxwell",
        "Lise Meitner",
        "Dmitri Mendeleev",
    ],
    *[
        "Gregor Mendel",
        "Maria Mitchell",
        "Isaac Newton",
        "Florence Nightingale",
        "Louis Pasteur",
        "Evangelista Torricelli",
    ],
]


# Who got a badge on some other occasion, and is on no list.
OTHERS = [
    *["Niels Bohr", "Ludwig Boltzmann", "Robert Boyle", "Tycho Brahe", "Sadi Carnot", "Henry Cavendish"],
    *["John Dalton", "Humphry Davy", "Alexander Fleming", "Edmond Halley", "William Harvey", "Robert Hooke"],
    *[
        "Edward Jenner",
        "James Joule",
        "Johannes Kepler",
        "Joseph Lagrange",
        "Antoine Lavoisier",
        "Carl Linnaeus",
    ],
    *[
        "Charles Lyell",
        "Max Planck",
        "Ernest Rutherford",
        "Mary Somerville",
        "Nikola Tesla",
        "Alfred Wegener",
    ],
]


def course_people() -> list[ListedPerson]:
    """Return who took the evening course, with what its list says of them."""
    return [
        ListedPerson(
            email=person.email,
            first_name=person.first_name,
            last_name=person.last_name,
            metadata={"Group": "ABC"[number % 3], "Hours": str(24 + number * 7 % 17)},
        )
        for number, person in enumerate(people_of(COURSE))
    ]


def people_of(names: Sequence[str]) -> list[Person]:
    """Return people of these names, at addresses made of them."""
    people = []
    for name in names:
        first, _space, last = name.partition(" ")
        email = f"{name.replace(' ', '.').lower()}@{EARNERS_DOMAIN}"
        people.append(Person(email=email, first_name=first, last_name=last))
    return people
