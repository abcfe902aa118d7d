"""Given names that a translation keeps, wherever they stand.

Names of places are left out, Victoria and Milan, and so is what may be a word of each language.
"""

from __future__ import annotations

_NAMES = """
    Aaron Abby Abdullah Abigail Achim Adalbert Addison Adelheid Adnan Adolf Adrian Adriana Agatha Agnes Agnieszka Ahmad
    Ahmed Ahmet Aidan Aiden Aisha Akira Alan Alasdair Alastair Albert Alberto Albrecht Alejandro Aleksandra Alena
    Alessandro Alessia Alex Alexa Alexander Alexandra Alexis Alfons Alfred Alice Alicia Alina Alisa Alison Alistair
    Aljoscha Allison Alois Alun Alvaro Alwin Alyssa Amalia Amanda Amelia Amelie Amina Amir Amira Amit Amy Anastasia Anatol
    Andi Andre Andrea Andreas Andrei Andrej Andrew Andrzej Andy Angela Angelika Angelina Angie Anil Anita Anja Anjali Anke
    Ann-Kathrin Anna Anna-Lena Annabelle Anne Annegret Anneke Annelie Anneliese Annemarie Annette Annie Annika Anselm
    Ansgar Anthony Antje Antoine Anton Antonia Antonina Antonio Anya Archie Ariane Arianna Arjun Armin Arndt Arne Arno
    Arnold Arthur Artur Arvid Asher Ashley Astrid Aubrey Aurelia Axel Ayaan Ayla Ayse Ayşe Babette Bailey Barbara Barnaby
    Barry Bart Bartholomäus Bartosz Bastian Bärbel Beate Beatrice Beatrix Beatriz Becky Ben Benedikt Benjamin Bennet Benno
    Bente Berit Bernadette Bernard Bernd Bernhard Bernice Bert Berta Berthold Bertram Beth Bethan Bethany Betsy Bettina
    Bettine Betty Bianca Birgit Birgitta Birte Bjarne Björn Blake Bob Bobby Bodo Bogdan Bonnie Boris Brad Bradley Brandon
    Brayden Brenda Brendan Brent Brett Brian Brianna Bridget Brigitte Britta Bronwyn Bruce Bruno Bryan Burkhard Caden
    Caitlin Caleb Callum Calvin Cameron Camilla Carina Carl Carla Carlo Carlos Carmen Carola Carolin Caroline Carolyn
    Carrie Carson Carsten Caspar Cassandra Catherine Cathrin Cathrine Cathy Catrin Cecilia Cedric Celina Celine Cem Cerys
    Charles Charlie Charlotte Cheryl Chiara Chloe Chris Christa Christel Christiane Christina Christine Christl Christoph
    Christopher Cindy Claas Claire Clara Clarence Clarissa Claudia Claudio Claus Clemence Clemens Cleo Clifford Clint
    Clive Clyde Cody Colin Colton Connor Conny Conrad Constantin Constanze Cora Cordelia Cordula Corinna Cornelia
    Cornelius Craig Cristina Curtis Cynthia Dafydd Dagmar Dagny Dagobert Damian Dana Daniel Daniela Danny Daphne Daria
    Darius Darlene Darrell Darren Dave David Debbie Deborah Declan Deepak Deirdre Denis Denise Deniz Dennis Denzel Derek
    Dermot Detlef Devin Diana Diane Diego Dieter Dietmar Dietrich Dimitri Dimitrij Dirk Dmitri Dmytro Dolores Dominic
    Dominik Dominique Donald Donna Donovan Dora Doreen Doris Dorit Dorothea Dorothy Doug Douglas Dörte Dragan Duncan Dunja
    Dustin Dwayne Dwight Dylan Ebba Eberhard Eckart Eckhard Eddie Edeltraud Edgar Edith Edmund Edna Eduard Eduardo Edward
    Edwin Effie Egon Ehrenfried Eileen Elaine Eleanor Elena Elfi Elfriede Eli Elias Elif Elijah Elina Elisa Elisabeth
    Elise Elizabeth Elke Ella Ellen Ellie Elliot Elmar Elmer Elsa Elsbeth Elsie Elspeth Elton Elvira Emanuel Emil Emilia
    Emilie Emilio Emily Emine Emma Emmanuel Emmett Emmi Emmy Emre Engelbert Enrico Eric Erica Erich Erik Erika Erin Erna
    Ernest Ernestine Ernesto Ernie Errol Erwin Esteban Estelle Esther Ethan Ethel Euan Eugen Eugene Eugenia Eunice Eva
    Eva-Maria Evan Evelin Evelyn Everett Ewa Ewald Ewan Ezekiel Ezra Fabian Fabienne Fabio Falko Farid Fatima Fatma
    Felicia Felicitas Felix Fenja Ferdinand Fergus Fernando Finja Finn Fiona Florian Floyd Franca Frances Francesca
    Francesco Francine Francis Franco Franz Franziska Fred Freddie Frederic Frederick Frederik Freya Frida Frieda
    Friedemann Friederike Friedhelm Friedrich Fritz Fritzi Gabi Gabriel Gabriela Gabriele Gabriella Galina Gareth Garrett
    Garry Gary Gavin Gemma Geoff Geoffrey Georg George Geraint Gerald Geraldine Gerd Gerda Gereon Gerhard Gerlinde Gernot
    Gerry Gert Gertrud Gertrude Gesa Gesine Gianna Gideon Gilbert Giles Gillian Gina Giovanni Gisbert Gisela Giulia
    Giuseppe Gladys Glenda Glenn Goran Gordon Gottfried Gottlieb Götz Gracie Graeme Graham Grayson Greg Gregor Gregory
    Greta Gretchen Grzegorz Gudrun Gudula Guido Guillermo Gunda Gundula Gunnar Gunter Gunther Gustav Günter Günther Gwen
    Gwyneth Hadley Hailey Hajo Hakan Haley Hamid Hamish Hanna Hannah Hannelore Hannes Hanno Hans Hans-Jürgen Hans-Peter
    Hansi Hansjörg Harald Harold Harriet Harry Hartmut Hartwig Haruki Harvey Hasan Hassan Hattie Hauke Hayden Heather
    Hedwig Heidemarie Heidi Heidrun Heike Heiko Heiner Heinfried Heinke Heino Heinrich Heinz Helen Helena Helene Helga
    Helgard Hella Helmut Hendrik Hendrike Henning Henri Henrietta Henriette Henrik Henry Herbert Heribert Herman Hermann
    Herta Hilary Hilda Hilde Hildegard Hilmar Hinnerk Hiro Hiroshi Holger Horace Horst Howard Hubert Hugh Hugo Hülya Iain
    Ian Ibrahim Ida Ignaz Igor Iker Ilka Ilona Ilse Imke Immanuel Imogen Ina Ines Inga Inge Ingeborg Ingelore Ingo Ingrid
    Inken Irene Irina Irma Irmgard Irmtraud Irving Iryna Isaac Isabel Isabell Isabella Isabelle Isaiah Isla Ismail Isobel
    Isolde Ivan Ivana Ivonne Iwan Jacek Jackie Jacob Jacqueline Jacques Jaden Jadwiga Jake Jakob James Jamie Jana Jane
    Janet Janice Janina Janine Janis Jannes Jannik Jared Jasmin Jason Jasper Javier Jaxon Jayden Jayla Jean Jeanette
    Jeanne Jeannette Jeannie Jeff Jeffrey Jelena Jemima Jenna Jenni Jennifer Jenny Jens Jeremiah Jeremias Jeremy Jerome
    Jerry Jerzy Jesse Jessica Jill Jim Jimmy Jiri Joachim Joan Joana Joann Joanna Joanne Joao Jobst Jocelyn Jochen Jodie
    Jody Joe Joel Johann Johanna Johannes John Johnnie Johnny Jolanda Jon Jonah Jonas Jonathan Jonna Jonte Joost Josef
    Josefine Joseph Josephine José Josh Joshua Josiah Josip Joyce Jördis Jörg Jörn Juan Juanita Judith Judy Jule Julia
    Juliana Juliane Julie Julien Juliet Juliette Julius Justin Justine Justus Jutta Jürgen Kaden Kaitlyn Kaleb Karel Karen
    Karim Karin Karina Karl Karl-Heinz Karla Karlheinz Karlotta Karolin Karolina Karoline Karsten Kasia Kaspar Kasper
    Katarzyna Kate Katelyn Katharina Katherine Kathie Kathleen Kathrin Kathryn Kathy Katie Katinka Katja Katrin Katya
    Kayla Kaylee Käthe Keira Keith Kelly Kelsey Kemal Ken Kendra Kenji Kenneth Kenny Kerem Kerstin Kevin Khalid Khloe
    Kiara Kieran Kilian Kim Kimberly Kiran Kirsten Kirsty Kitty Klaas Klara Klaudia Klaus Klaus-Dieter Klemens Knut Konrad
    Konstantin Konstanze Korbinian Korinna Kornelia Kornelius Kristen Kristian Kristin Kristina Kristof Krzysztof Ksenia
    Kunigunde Kurt Kyle Kylie Lachlan Lakshmi Landon Lara Larisa Larissa Larry Lars Lasse Laszlo Laura Lauren Laurence
    Laurin Laverne Layla Lea Leah Leander Leif Leilani Lena Leni Lennard Lennart Leo Leona Leonard Leonardo Leonhard
    Leonie Leonora Leopold Leopoldine Leroy Leslie Lester Levi Levin Lewis Leyla Lia Liam Lidia Lieke Liesbeth Liesel
    Lieselotte Lilia Lilian Lilith Lilli Lillian Lilly Lina Linda Lindsay Linnea Linus Lisa Lisa-Marie Lisbeth Lise Liz
    Lloyd Lois Lorena Lorenz Lorenzo Loretta Lothar Lotta Lotte Lottie Louis Louisa Louise Luca Lucas Lucia Lucie Lucille
    Lucinda Lucius Lucy Ludger Ludmila Ludwig Luis Luisa Luise Luitpold Lukas Luke Lutz Luzia Lydia Lyle Lynn Mabel Maciej
    Mackenzie Maddie Madeleine Madison Mads Magda Magdalena Magdalene Magnus Maik Maike Maisie Maja Makayla Malcolm
    Malgorzata Malia Malin Malte Mandy Manfred Manuel Manuela Mara Marc Marcel Marcella Marcia Marco Marcos Marcus Marcy
    Mareike Marek Maren Margaret Margarete Margarethe Marge Margery Margie Margit Margitta Margot Margret Marguerite
    Maria-Theresia Mariah Mariam Marian Marianne Marie Marie-Luise Marilyn Marina Mario Marion Marisa Marita Marius
    Marjorie Marko Markus Marlene Marlies Marlis Marlon Marsha Marta Martha Martin Martina Marvin Maryam Mateo Mateusz
    Mathias Mathilda Mathilde Matilda Mats Matteo Matthew Matthias Mattis Maureen Maurice Mauro Mavis Maxim Maximilian
    Maxine Maya Mckenzie Mechthild Meg Megan Mehmet Meike Meinhard Melanie Melba Melina Melissa Melvin Meredith Mhairi Mia
    Micah Micha Michael Michaela Michel Michele Michelle Miguel Mike Mila Mildred Milena Milica Millie Milo Milos Milton
    Minnie Miranda Miriam Mirjam Mirko Mitch Mitchell Mohammed Moira Molly Mona Monica Monika Monique Monty Morag Moritz
    Morris Murat Muriel Mustafa Mya Mykola Myra Myriam Myrna Nadia Nadine Nadja Nancy Naomi Nasrin Natalia Natalie
    Natascha Natasha Nathalia Nathalie Nathan Nathanael Nathaniel Neal Neha Nehemiah Neil Nele Nell Nelly Nepomuk Nettie
    Niall Niamh Nicholas Nicky Nico Nicola Nicolas Nicole Niels Nigel Nikita Niklas Niko Nikola Nikolai Nikolaus Nils Nina
    Noah Noel Nolan Nora Norbert Noreen Norma Odette Okan Oksana Olaf Oleg Oleksandr Olena Olga Oliver Olivia Omar Onur
    Oonagh Ophelia Orhan Orla Orville Oscar Oskar Osman Oswald Otis Otmar Ottfried Ottilie Ottmar Otto Owen Pablo Paige
    Pamela Paola Paolo Patricia Patrick Patty Paul Paula Paulina Pauline Pavel Pawel Pedro Peggy Penelope Perry Petar
    Peter Petra Peyton Phil Philip Philipp Philippa Philomena Phoebe Phyllis Pia Pierre Piet Pietro Piotr Pippa Polly
    Pooja Priscilla Priya Priyanka Quentin Quinn Rachel Rafael Rahel Rahul Raimund Rainer Rajesh Ralf Ralph Ramesh Ramon
    Ramona Randy Raoul Raphael Raphaela Raquel Rasmus Raul Ravi Raymond Rebecca Regina Regine Reiner Reinhard Reinhild
    Reinhilde Reinhold Renate Rene Renee René Resi Reuben Rex Reza Rhiannon Rhonda Rhys Ricardo Richard Rick Ricky Rieke
    Riley Rita Robert Roberta Roberto Rocco Roderich Rodney Roger Rohan Roisin Roland Rolf Romy Ron Ronald Ronja Ronny
    Rory Rosa Rosalia Rosalie Rosalind Rosel Rosemarie Rosie Ross Roswitha Roxanne Roxie Roxy Roy Ruben Rudi Rudolf Rufus
    Rui Rupert Ruprecht Russ Russell Ruth Rüdiger Ryan Sabina Sabine Sabrina Sadie Sahra Salim Sally Salvatore Sam
    Samantha Samira Sammy Samuel Sandra Sanjay Saoirse Sara Sarah Sascha Sasha Saskia Sawyer Scott Sean Sebastian Selim
    Selina Selma Senta Serena Sergei Sergej Sergio Serkan Shane Shannon Sharon Shaun Shauna Sheila Sheldon Shelly Shirley
    Shreya Sian Sibylle Sidney Siegbert Siegfried Sieglinde Siegmund Siegrun Sigmund Sigrid Silas Silja Silke Silvana
    Silvester Silvia Silvio Simon Simona Simone Sina Sinan Sinead Siobhan Slobodan Sofia Sofie Solveig Songül Sonia Sonja
    Sonya Sophia Sophie Sönke Sören Spencer Stacey Stacie Stacy Stan Stanislaus Stanley Stefan Stefanie Steffen Steffi
    Stella Stephan Stephanie Stephen Steve Steven Stewart Stuart Sunita Susan Susana Susann Susanne Susi Susie Suzanne
    Svea Sven Svenja Svetlana Swantje Sybille Sylvester Sylvia Tabea Tabitha Takeshi Tamara Tammy Tamsin Tania Tanja Tanya
    Tara Tarik Tasha Tatiana Tatjana Taylor Ted Teddy Terence Teresa Terri Terry Tess Tessa Thaddeus Thea Thekla Thelma
    Theo Theobald Theodor Theodora Theodore Theresa Therese Theresia Thiago Thilo Thomas Thorben Thorsten Tiffany Tilda
    Tilman Tilo Tim Timo Timon Timothy Timur Tina Tjark Tobias Toby Todd Tolga Tom Tomas Tomasz Tommy Toni Tony Tonya
    Torben Torge Torsten Traci Tracy Traugott Traute Travis Trenton Trevor Tricia Tristan Trixi Trudi Tyler Tyrone Ulf Uli
    Ulla Ulrich Ulrika Ulrike Undine Urs Ursula Uschi Uta Ute Uwe Vaclav Vadim Valentin Valentina Valeria Valerie Valeska
    Vanessa Veit Velma Vera Verena Verna Vernon Veronica Veronika Vicki Vickie Vicky Vijay Vikram Viktor Viktoria Vince
    Vincent Vincenzo Vinzenz Virginie Vitali Vivian Vivien Vladimir Volker Volkhard Volkmar Volodymyr Vroni Walburga
    Waldemar Wallace Wally Walt Walter Walther Waltraud Waltraut Wanda Warren Wayne Wendelin Wendy Wenke Wenzel Werner
    Wesley Wibke Wiebe Wiebke Wiktor Wilbur Wilfried Wilhelm Wilhelmina Willard Willi William Willie Willy Wilma Winfried
    Winifred Winona Winston Wladimir Wojciech Wolf-Dieter Wolfgang Wolfhard Wolfram Wyatt Xaver Xavier Xenia Yannick
    Yannik Yasemin Yasmin Ylva Yoko Yolanda Youssef Yuki Yulia Yuri Yusuf Yvette Yvonne Zach Zachary Zachery Zackary Zahra
    Zara Zbigniew Zelda Zeynep Zita Zoe Zoey Zofia Zoltan Zoran
"""
_FRENCH_AND_SPANISH = """
    Adela Adolfo Adrien Adrián Adán Adèle Agathe Agnès Agustina Agustín Aitana Aitor Alain Albane Alejandra Alexandre
    Alfonso Alfredo Aline Alix Alizée Almudena Alonso Amandine Amélie Ana Anabel Anaïs André Andrés Angélique Annick
    Anouk Anselme Antoinette Apolline Araceli Ariadna Arlette Armand Armelle Arnaud Arturo Aubin Aude Aurelio Aurélie
    Aurélien Azucena Baptiste Barnabé Bastien Baudouin Bautista Begoña Belén Benito Benoît Bertrand Blandine Brice
    Béatrice Bénédicte Bérénice Camille Camilo Carlota Carole Carolina Cassandre Catalina Cayetana Cayetano Celia
    Chantal Charline Charlène Chloé Christelle Christophe Clarisse Claude Claudette Claudine Clotilde Clémence
    Clémentine Colette Conchita Coralie Corentin Corinne Cristian Cristóbal Cyprien Cyril Cécile Cédric Céline César
    Damien Danielle Danièle Darío Delphine Didier Dionisio Dorothée Débora Eloísa Elías Emiliano Emmanuelle Enrique
    Estefanía Estela Ester Eugenio Eugène Eugénie Eulalia Ezequiel Fabien Fabiola Fabrice Fanny Faustine Federico Felipe
    Fermín Fernand Fernanda Fidel Flavie Francisca Francisco Franck François Françoise Frédéric Frédérique Fátima
    Félicie Félix Gabrielle Gael Gaspard Gaston Gautier Gaétan Gaël Gaëlle Gema Genaro Geneviève Georges Gerardo
    Germaine Gerónimo Ghislain Ghislaine Gilberto Gilles Ginette Gisèle Gloria Gonzalo Graciela Gregorio Grégoire
    Grégory Guadalupe Guillaume Gustave Gustavo Gwenaëlle Gérald Géraldine Gérard Hernán Hervé Hilario Hortense Hugues
    Héctor Hélène Ignacia Ignacio Inmaculada Inès Inés Irène Isidro Ismael Iván Iñaki Jacinto Jaime Jean-Baptiste
    Jean-Claude Jean-François Jean-Jacques Jean-Luc Jean-Marc Jean-Michel Jean-Paul Jean-Philippe Jean-Pierre Jerónimo
    Jimena Joaquín Johan Jordane Jordi Jorge Josefa Josefina Josette Josiane Josée Joséphine Joëlle Juana Juanjo Jules
    Julieta Julián Jérémie Jérémy Jérôme Karine Laure Laurent Lauriane Laëtitia Leandro Leonor Leticia Liliane Lilou
    Lionel Lola Louane Lourdes Loïc Loïse Luc Lucette Luciana Luciano Lucien Lucienne Lucile Lucía Ludovic Lydie Léa Léo
    Léon Léonard Léonie Magali Maite Manolo Manon Marcela Marcelle Marcelo Marcial Margarita Margaux Mariana Mariano
    Maribel Marie-Claude Marie-France Marie-Hélène Marie-Laure Marie-Louise Marie-Thérèse Marielle Marisol Marlène
    Martine Martín Maryse Mathieu Mathéo Matthieu Matías Maud Mauricio Maxence Maxime Mayte Maëlle Maëlys Melchor
    Mercedes Micaela Michaël Micheline Michèle Mickaël Mireille Moisés Montserrat Morgane Mylène Mélanie Mélissa Mónica
    Nacho Nadège Nerea Nicolás Nieves Ninon Noelia Noémie Nuria Octavio Océane Odile Olivier Ophélie Oriol Paco Pascal
    Pascale Patrice Patricio Paulette Perrine Philippe Pierre-Yves Pierrette Pilar Rafaela Ramiro Ramón Raphaël
    Raphaëlle Raymonde Raúl Rebeca Renaud Rocío Rodolfo Rodolphe Rodrigo Rogelio Romain Romane Rosalía Rosana Roselyne
    Roxane Rubén Régine Régis Réjean Rémi Rémy Réné Rómulo Salomé Sandrine Saúl Sebastián Serge Sidonie Simón Sofía
    Solange Solène Stanislas Stéphane Stéphanie Suzette Sylvain Sylvie Sébastien Ségolène Séverine Tanguy Teodoro
    Thibault Thibaut Thierry Théo Théodore Thérèse Timoteo Timothée Tomás Ugo Ulysse Valentine Valérie Vanesa Verónica
    Vicente Victorine Viviane Véronique Víctor Ximena Yago Yann Yoann Yolande Yvan Yves Yvon Zacharie Zaira Zoé Zulema
    Águeda Álvaro Ángel Ángela Édith Édouard Éliane Élisabeth Élise Élodie Éloïse Éléonore Émile Émilie Éric Étienne
    Évelyne Íker Íñigo Óscar Úrsula
"""
_ALSO_ENGLISH = """
    Amber Basil Bill Carol Chase Chuck Cliff Daisy Dale Dawn Dean Dick Drew Earl Eve Faith Frank Gene Glen Grace Grant Guy
    Hazel Holly Hope Iris Ivy Jack Jade Jan Joy Lance Lily Mark Max Miles Nick Norman Olive Pat Pearl Penny Pierce Ray Reed
    Rich Rob Robin Rose Ruby Sandy Sue Summer Victor Violet Wade Will
"""
_WORDS = {
    "de": "Bart Brett Dick Dietrich Ellen Gene Jade Lasse Luke Mark Max Olive Reiner Rex Rosa Rose Ross Silvester Will",
    "en": "Kitty Patty Randy Sally",
    "es": "Angel Clara Dolores Ella Isla Lea Leo Linda Marco Marcos Marina Mia Noel Rosa Sean Serena Tomas " + _ALSO_ENGLISH,
    "fr": "Claire Lise Marc Marine Noel Pierre Rosa " + _ALSO_ENGLISH,
}
"""Those that may be a word of the language, at the beginning of a sentence or, as nouns of German, anywhere."""

ENGLISH_WORDS = frozenset(_ALSO_ENGLISH.split())
"""Given names that are English words as well, and in English are taken for names only after certain words."""
WITH_FAMILY = frozenset(("Maria", "Marie", "Mary", "Tomás"))
"""Given names that other languages have a form of, and which stay before a family name only."""
_ALL = frozenset(_NAMES.split()) | frozenset(_FRENCH_AND_SPANISH.split()) | ENGLISH_WORDS | WITH_FAMILY
_BY_LANGUAGE = {language: _ALL - frozenset(words.split()) for language, words in _WORDS.items()}
_BY_LANGUAGE["de"] -= frozenset(_FRENCH_AND_SPANISH.split()) - frozenset(_NAMES.split())  # solange, Romane, Delphine


def given_names(language: str) -> frozenset[str]:
    """Words that may be given names in `language`; none for one of which nothing is known here."""
    return _BY_LANGUAGE.get(language, frozenset())
