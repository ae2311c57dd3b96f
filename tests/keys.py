"""The keys of the tests: fixed, so that documents are the same in each run; they guard nothing."""

import base64

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ed25519

ED25519_PRIVATE = bytes(range(32))
ED25519_PUBLIC = ed25519.Ed25519PrivateKey.from_private_bytes(ED25519_PRIVATE).public_key().public_bytes_raw()

RSA_PRIVATE = base64.b64decode(
    """
    MIIEvQIBADANBgkqhkiG9w0BAQEFAASCBKcwggSjAgEAAoIBAQDKQAiRUTQUjX2aZV2wcCOflaaSw+KZReYBmLeL70QrNFUCtoB4
    1T/czEoDx1E97Rq5kH1xTATKMGvAh92t7SeDrIoiwOFxGVzgpkyVCMnEXPl9yrrimgieNjeymvPZYkC4ryZTWqqBebD7bGMY8q8B
    sWiOxwKU0314PGDm7SHhkMEuh8/P93B/jMK0Us0DN+YnK6nhk0A3ZBSSEjF0pXekHgiNGqqIWVYjdqi+5sWQ95GXyEHnB3CrXz9q
    +V0xyLjU0fq8jx+4uAfbr5DdgwLJpdKZOBomXae02p0MNApa9xXd5+ZFg5SsaOyK04gyVxNBsJC3cHyDTa/tZ+1OkxYlAgMBAAEC
    ggEAWqd0D6rNxM6c95kq8vx4wz3BYbSiu6AMljedQgB31kPJPQOPt1mim/YH0QTEwhSmr3l3+NIhrX0htzVPJHgSB5/NdQFuq5K6
    QknYNs8vHTCtdfhqZ0qyxTO5KHnzBkPXjdCYRbF0jr98mF2/V33j+sbJ/oFug0X+zeeGacvtrVw360EWQhg0qJGWHZxctjzxZo6W
    iOtqTc6ygXRoEn1cPPJfKM3tADE1s5CcWPSmjFjy8uObxwgDaUgxKquSJn+fbt83fESTqAA31mOqsgRIE0WvBwMeVhyj9Vujl3ah
    VRWIyq6CevPuNHfglS+ZFcShHHvia4hYen0PxtE02xYYqwKBgQD0yg0yBMNz/3DnGfZTkLiFojplR1axp1Kz+c/aOiSn5xxGzOJy
    +SFuAlaRlWVKztUbY0NqPk+FUb650UooLhByAkN7gnlTXk5H9T04YMHvXcO78wgA9pDYNw6YIxfOGxRyhqb/rBYiJQ0hgcBN5ybp
    jgg0Kic/FBLJw+L288YgBwKBgQDTgz8PSMhp5gnof8OWvJSMXPoK/T7F2OANscW3HQjrtcA5sva230QOWHPaXzFncBFg1WoWMeGy
    xXrV3UUAhmddfVV10KqsQ8prWUofO/S223bpc+plEp1T3k67afSz41g20HFHfpq0vofpO0MCH70o6YBy5s5V+OjdZ6j3PbT1cwKB
    gDyfBSGL+HNzoRw6W7xaLLg7csa+IgQg8eRMS2M53vYNz/zgpHvgopzBy3qGSu15x2De9kULZVoY4mjWIc1NixkQ4nFl4HH6+tvr
    KdwaaizDRcP37dV/OmOxTtXyauTJ5AhwvE646UpPbq8LmPox8nsIh5OTlOCUMgrxjfWmbTxlAoGBAL2AgJYUEqN2m/f3yGgcC0d6
    4ffIj145gfwjA06dL+nnTBMl+Y88l7/2lc3Xre7L5HYKn2LFTD6cWgKUnYbr5F5JtbC5xMBUeF4XgKZdVFIkbPSaiy4FMHn82jNl
    qf0lulpaBLQWhUtczW40T0Pu5c5q7k+D5Of3+8KqZiMl4SRrAoGAdO2vOYn+h4M45UeXlSWjSEDVKKbmmdBuyfk85FtXPS1149VZ
    4Oz5BNgNSGZNdveiCy6MderXFKdj8gvYA1fcc5+MJ9IWkJdz+ukFeyY7lwNeaAIv5P3SJJ7lZDHbJw0H0Uisj1ilQMs5bEdAElir
    /E8h3045VV6mshuGB4yNUKQ=
    """
)
RSA_PUBLIC = (
    serialization.load_der_private_key(RSA_PRIVATE, password=None)
    .public_key()
    .public_bytes(serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo)
)
