"""Numbers stay with their units and names, also where a cell has computed them."""

import pytest
import typography


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("With 65 % of them", "With 65_% of them"),
        ("is 3.0 α long", "is 3.0_α long"),
        ("with β = 0.9 it", "with β_=_0.9 it"),
        ("θ₁ = −4", "θ₁_=_−4"),
        ("α = ", "α_=_"),
        ("two 2 β₁ and 5 words", "two 2 β₁ and 5 words"),
        ("where h = 100 stands", "where h = 100 stands"),
    ],
)
def test_spaces_hold_inside_a_number_and_its_unit(text, wanted):
    assert typography.held(text) == wanted.replace("_", "\N{NO-BREAK SPACE}")


def test_a_number_from_a_cell_holds_its_unit_too():
    assert typography.held(" % of it", number_before=True) == "\N{NO-BREAK SPACE}% of it"
    assert typography.held(" % of it") == " % of it"


def test_the_page_has_them_and_code_does_not(book):
    book.page("numbers", "# Numbers\n\nOne sentence that is long enough: β = 0.9 is 65 % and `β = 0.9` as code.\n")
    built = book.build()
    assert built.returncode == 0, built.stdout + built.stderr
    page = book.html("book/numbers.html")
    assert "β\N{NO-BREAK SPACE}=\N{NO-BREAK SPACE}0.9 is 65\N{NO-BREAK SPACE}%" in page
    assert ">β = 0.9<" in page.replace('</span> <span class="pre">', " ")
